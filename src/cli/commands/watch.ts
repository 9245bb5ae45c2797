import { Option } from 'commander';
import { ClientError } from '../../client/client-error.ts';
import type { Followed } from '../../client/follow-events.ts';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { openLogin, type AuthenticatedClient } from '../login/open-login.ts';
import { plainLine } from '../output.ts';
import { deliverEvent, type EventHandler } from '../watch/deliver-event.ts';
import { writeWatchPosition, lockWatch } from '../watch/watch-position.ts';
import { resolveStartCursor, buildEventFilter, openEventHandler, type WatchOptions } from '../watch/watch-options.ts';
import { EVENT_SELECTION, toEventJson, type SelectedEvent } from '../watch/event-json.ts';

/** What the options are read as. */
interface Options extends WatchOptions {
  readonly count?: string;
}

/** What ends a watch, which then finishes the event in hand; twice ends it at once. */
const END_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Tells events as they happen, each once, in order, none left out, until it is ended. With `--resume` it goes on after the last
 * event that was taken by the watch of that name, however that one ended; one of a name is at work at a time.
 *
 * With `--json`, and on the standard input of `--exec`, a line each: `{ cursor, id, type, at, recordedAt, key: { id, name, realm,
 * ownerId }, actor: { id, kind, name }, reason, data }`.
 */
export const watchCommand: Command = {
  name: 'watch',
  summary: 'tell events as they happen',
  declare(parser) {
    parser
      .option('--type <types...>', 'events of these types, such as KEY_EXPIRING')
      .option('--realm <slug>', 'those of one realm')
      .option('--owner <id>', 'those of one account or organization')
      .option('--key <keys...>', 'those of these keys, by id or name')
      .option('--label <labels...>', 'those of keys that have all of these, as name=value')
      .option('--resume <name>', 'go on where the watch of that name ended; the first time from now')
      .option('--after <cursor>', 'go on after this cursor')
      .option('--count <count>', 'end after so many events')
      .addOption(
        new Option('--exec <command>', 'run this for each, with the event on its standard input').conflicts(
          'forwardTo',
        ),
      )
      .option('--forward-to <url>', 'post each there as a signed webhook; with --secret-file')
      .option('--secret-file <path>', 'the file that holds the secret to sign with, whsec_…')
      .option('--json', 'answer as JSON, a line an event');
  },
  async run(context, { options }) {
    const told = options as Options;
    const { output } = context;
    const most = readCount(told.count);
    const take = await openEventHandler(context, told);
    const loggedIn = await openLogin(context);
    const filter = await buildEventFilter(loggedIn, told);
    const lock = told.resume === undefined ? null : await lockWatch(context.folders, told.resume);
    const ending = new AbortController();
    const end = () => ending.abort();
    for (const signal of END_SIGNALS) process.once(signal, end);
    try {
      const after = await resolveStartCursor(context, loggedIn, told);
      const { signal } = ending;
      const onInterruption = ({ message }: ClientError, waitMs: number) =>
        output.note(`${message} Again in ${String(Math.ceil(waitMs / 1000))} s.`);
      const following = { after, filter, select: EVENT_SELECTION, signal, onInterruption };
      let count = 0;
      for await (const followed of loggedIn.client.events<SelectedEvent>(following)) {
        await processEvent(context, loggedIn, told, { followed, take, signal });
        count += 1;
        if (count >= most) break;
      }
    } catch (error) {
      throw error instanceof ClientError ? explainCursorError(error) : error;
    } finally {
      for (const signal of END_SIGNALS) process.off(signal, end);
      lock?.release();
    }
    return exitStatus.OK;
  },
};

interface PendingEvent {
  readonly followed: Followed<SelectedEvent>;
  readonly take: EventHandler | null;
  readonly signal: AbortSignal;
}

/** Tells and hands over one event; only then its place is kept. */
async function processEvent(
  { output, folders }: CommandContext,
  { login }: AuthenticatedClient,
  { resume }: Options,
  { followed: { cursor, event }, take, signal }: PendingEvent,
): Promise<void> {
  if (take !== null) await deliverEvent(take, cursor, event, output, signal);
  output.jsonLine(toEventJson(cursor, event));
  const { type, at, key, reason, actor } = event;
  const by = actor?.name == null ? '' : ` by ${actor.name}`;
  const what = [key?.name ?? '', reason ?? ''].filter((text) => text !== '').join(': ');
  output.line(`${output.style('dim', at)}  ${output.style('bold', type)}  ${plainLine(`${what}${by}`)}`);
  if (resume !== undefined) await writeWatchPosition(folders, resume, { url: login.url, cursor });
}

function explainCursorError(error: ClientError): unknown {
  const from = error.details['oldest'] ?? error.details['newest'];
  if (typeof from !== 'string') return error;
  return new CommandError(exitStatus.DATA, `${error.message} Give --after ${from} to go on from there.`, error);
}

function readCount(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CommandError(
    exitStatus.USAGE,
    `--count: found ${JSON.stringify(text)}; a whole number from 1 is expected.`,
  );
}
