import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { resolveKeyId } from '../key-list/resolve-key-id.ts';
import { readLabels } from '../key-list/read-pairs.ts';
import type { AuthenticatedClient } from '../login/open-login.ts';
import { createExecHandler } from './exec-handler.ts';
import { createForwardHandler } from './forward-handler.ts';
import type { EventHandler } from './deliver-event.ts';
import { writeWatchPosition, readWatchPosition } from './watch-position.ts';

/** What the options are read as. */
export interface WatchOptions {
  readonly type?: readonly string[];
  readonly realm?: string;
  readonly owner?: string;
  readonly key?: readonly string[];
  readonly label?: readonly string[];
  readonly resume?: string;
  readonly after?: string;
  readonly exec?: string;
  readonly forwardTo?: string;
  readonly secretFile?: string;
}

/** Who takes the events; null: nobody but who reads them. */
export async function openEventHandler(
  { env, now }: CommandContext,
  { exec, forwardTo, secretFile }: WatchOptions,
): Promise<EventHandler | null> {
  if ((forwardTo === undefined) !== (secretFile === undefined)) {
    throw new CommandError(exitStatus.USAGE, 'Give --forward-to and --secret-file together.');
  }
  if (exec !== undefined) return createExecHandler(exec, env);
  return forwardTo === undefined || secretFile === undefined ? null : createForwardHandler(forwardTo, secretFile, now);
}

/** The events that are meant. */
export async function buildEventFilter(
  { client }: AuthenticatedClient,
  { type, realm, owner, key, label }: WatchOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const keyIds: string[] = [];
  for (const named of key ?? []) keyIds.push(await resolveKeyId(client, named));
  return {
    ...(type !== undefined && { types: type.map((one) => one.toUpperCase()) }),
    ...(realm !== undefined && { realm }),
    ...(owner !== undefined && { owner }),
    ...(key !== undefined && { keyIds }),
    ...(label !== undefined && { labels: readLabels(label) }),
  };
}

/** Where it begins; what happens between that and the first event is of it, when it is to be resumed. */
export async function resolveStartCursor(
  { folders }: CommandContext,
  { client, login }: AuthenticatedClient,
  { resume, after }: WatchOptions,
): Promise<string | null> {
  if (resume === undefined) return after ?? null;
  const kept = after === undefined ? await readWatchPosition(folders, resume) : null;
  if (kept !== null && kept.url !== login.url) {
    const found = `The watch ${resume} is of ${kept.url}, and you are logged in to ${login.url}`;
    throw new CommandError(exitStatus.CONFIG, `${found}: give another --resume.`);
  }
  if (kept !== null) return kept.cursor;
  const cursor = after ?? (await client.ask<{ logCursor: string }>({ query: '{ logCursor }' })).logCursor;
  await writeWatchPosition(folders, resume, { url: login.url, cursor });
  return cursor;
}
