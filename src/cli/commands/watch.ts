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

/** The parsed options. */
interface Options extends WatchOptions {
  readonly count?: string;
}

/** Signals that end a watch. The first one lets the current event finish; the second ends the process at once. */
const END_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Prints events as they happen, each one once and in order, until it is ended. With `--resume` it continues after the
 * last event that the watch of that name delivered, however that run ended. Only one watch of a name can run at a time.
 *
 * With `--json`, and on the standard input of `--exec`, a line per event: `{ cursor, id, type, at, recordedAt, key: {
 * id, name, realm, ownerId }, actor: { id, kind, name }, reason, data }`.
 */
export const watchCommand: Command = {
  declare(parser) {
    parser
      .option('--type <types...>', 'only events of these types, such as KEY_EXPIRING')
      .option('--realm <slug>', 'only events of this realm')
      .option('--owner <id>', 'only events of this account or organization')
      .option('--key <keys...>', 'only events of these keys, by id or name')
      .option('--label <labels...>', 'only events of keys with all of these labels, as name=value')
      .option('--resume <name>', 'continue after the last event of the watch of this name; the first time from now')
      .option('--after <cursor>', 'continue after this cursor')
      .option('--count <count>', 'end after this many events')
      .addOption(
        new Option('--exec <command>', 'run this for each event, with the event on its standard input').conflicts(
          'forwardTo',
        ),
      )
      .option('--forward-to <url>', 'post each event there as a signed webhook; requires --secret-file')
      .option('--secret-file <path>', 'file with the signing secret, whsec_…')
      .option('--json', 'print JSON, one line per event');
  },
  async run(context, { options }) {
    const flags = options as Options;
    const { output } = context;
    const maxCount = readCount(flags.count);
    const handler = await openEventHandler(context, flags);
    const authenticated = await openLogin(context);
    const filter = await buildEventFilter(authenticated, flags);
    const lock = flags.resume === undefined ? null : await lockWatch(context.folders, flags.resume);
    const endController = new AbortController();
    const end = () => endController.abort();
    for (const signal of END_SIGNALS) process.once(signal, end);
    try {
      const after = await resolveStartCursor(context, authenticated, flags);
      const { signal } = endController;
      const onInterruption = ({ message }: ClientError, waitMs: number) =>
        output.note(`${message} Retrying in ${String(Math.ceil(waitMs / 1000))} s.`);
      const request = { after, filter, select: EVENT_SELECTION, signal, onInterruption };
      let count = 0;
      for await (const item of authenticated.client.events<SelectedEvent>(request)) {
        await processEvent(context, authenticated, flags, { item, handler, signal });
        count += 1;
        if (count >= maxCount) break;
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
  readonly item: Followed<SelectedEvent>;
  readonly handler: EventHandler | null;
  readonly signal: AbortSignal;
}

/** Delivers and prints an event, and only then stores its cursor. */
async function processEvent(
  { output, folders }: CommandContext,
  { login }: AuthenticatedClient,
  { resume }: Options,
  { item: { cursor, event }, handler, signal }: PendingEvent,
): Promise<void> {
  if (handler !== null) await deliverEvent(handler, cursor, event, output, signal);
  output.jsonLine(toEventJson(cursor, event));
  const { type, at, key, reason, actor } = event;
  const by = actor?.name == null ? '' : ` by ${actor.name}`;
  const subject = [key?.name ?? '', reason ?? ''].filter((text) => text !== '').join(': ');
  output.line(`${output.style('dim', at)}  ${output.style('bold', type)}  ${plainLine(`${subject}${by}`)}`);
  if (resume !== undefined) await writeWatchPosition(folders, resume, { url: login.url, cursor });
}

function explainCursorError(error: ClientError): unknown {
  const from = error.details['oldest'] ?? error.details['newest'];
  if (typeof from !== 'string') return error;
  return new CommandError(
    exitStatus.DATA,
    `${error.message} To continue, give --after ${from}; events up to that cursor are skipped.`,
    error,
  );
}

function readCount(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CommandError(
    exitStatus.USAGE,
    `--count: found ${JSON.stringify(text)}; expected a whole number of at least 1.`,
  );
}
