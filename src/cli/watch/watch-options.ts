import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { resolveKeyId } from '../key-list/resolve-key-id.ts';
import { readLabels } from '../key-list/read-pairs.ts';
import type { AuthenticatedClient } from '../login/open-login.ts';
import { createExecHandler } from './exec-handler.ts';
import { createForwardHandler } from './forward-handler.ts';
import type { EventHandler } from './deliver-event.ts';
import { writeWatchPosition, readWatchPosition } from './watch-position.ts';

/** The parsed options. */
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

/**
 * Opens the event handler that the options name; null: events are only printed. @throws CommandError USAGE, and as the
 * handlers do.
 */
export async function openEventHandler(
  { env, now }: CommandContext,
  { exec, forwardTo, secretFile }: WatchOptions,
): Promise<EventHandler | null> {
  if ((forwardTo === undefined) !== (secretFile === undefined)) {
    throw new CommandError(exitStatus.USAGE, '--forward-to and --secret-file must be given together.');
  }
  if (exec !== undefined) return createExecHandler(exec, env);
  return forwardTo === undefined || secretFile === undefined ? null : createForwardHandler(forwardTo, secretFile, now);
}

/** Builds the schema's EventFilter from the options. */
export async function buildEventFilter(
  { client }: AuthenticatedClient,
  { type, realm, owner, key, label }: WatchOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const keyIds: string[] = [];
  for (const idOrName of key ?? []) keyIds.push(await resolveKeyId(client, idOrName));
  return {
    ...(type !== undefined && { types: type.map((name) => name.toUpperCase()) }),
    ...(realm !== undefined && { realm }),
    ...(owner !== undefined && { owner }),
    ...(key !== undefined && { keyIds }),
    ...(label !== undefined && { labels: readLabels(label) }),
  };
}

/**
 * Returns the cursor after which a watch starts; null: now. With `--resume`, a first run stores the current cursor, so
 * that the next run also gets the events before the first delivery. @throws CommandError CONFIG if the stored position
 * belongs to another gateway.
 */
export async function resolveStartCursor(
  { folders }: CommandContext,
  { client, login }: AuthenticatedClient,
  { resume, after }: WatchOptions,
): Promise<string | null> {
  if (resume === undefined) return after ?? null;
  const position = after === undefined ? await readWatchPosition(folders, resume) : null;
  if (position !== null && position.url !== login.url) {
    const found = `The watch ${resume} follows ${position.url}, but you are logged in to ${login.url}`;
    throw new CommandError(exitStatus.CONFIG, `${found}: give another --resume.`);
  }
  if (position !== null) return position.cursor;
  const cursor = after ?? (await client.ask<{ logCursor: string }>({ query: '{ logCursor }' })).logCursor;
  await writeWatchPosition(folders, resume, { url: login.url, cursor });
  return cursor;
}
