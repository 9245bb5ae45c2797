import { Option } from 'commander';
import { DAY_MS, WEEK_MS } from '../../domain/duration.ts';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readLabels } from '../key-list/read-pairs.ts';
import { openLogin } from '../login/open-login.ts';
import { readDuration } from '../read-duration.ts';
import { drawKeys, drawLanes } from '../timeline/draw-timeline.ts';
import { fetchStoppingKeys, fetchTimeline, type StepOption, type TimelineRange } from '../timeline/fetch-timeline.ts';
import { choosePictureFrame, type PictureFrame } from '../timeline/picture-frame.ts';

/** The most lanes that the gateway returns at once. */
const LANES_MAX = 100;
/** The most periods of one timeline. */
const PERIODS_MAX = 399;

/** The parsed options. */
interface Options {
  readonly by: 'owner' | 'realm' | 'key';
  readonly for: string;
  readonly step?: StepOption;
  readonly first: string;
  readonly realm?: string;
  readonly owner?: string;
  readonly label?: readonly string[];
}

/**
 * Draws the next weeks: which keys stop unless a person acts, and which renew by themselves.
 *
 * With `--json`: `{ at, from, to, step, periods, total, lanes: [{ id, name, counts }], hasMore, freezes: [{ from, to, reason }] }`,
 * counts and total being `{ byHand, byItself, renewals, retirements }` with a number for each period; with `--by key`
 * `{ at, from, to, keys: [{ id, name, stopsAt, byHand }] }`.
 */
export const timelineCommand: Command = {
  declare(parser) {
    parser
      .addOption(new Option('--by <rows>', 'what the rows are').choices(['owner', 'realm', 'key']).default('owner'))
      .option('--for <duration>', 'how far to look ahead, such as 26w', '6w')
      .addOption(
        new Option('--step <step>', 'a column is a day or a week; default: what fits').choices(['day', 'week']),
      )
      .option('--first <count>', 'at most this many rows, up to 100', '20')
      .option('--realm <slug>', 'only keys of this realm')
      .option('--owner <id>', 'only keys of this account, organization or subject')
      .option('--label <labels...>', 'only keys with all of these labels, as name=value')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { options }) {
    const flags = options as unknown as Options;
    const { realm, owner, label, by, step = null } = flags;
    const first = readFirst(flags.first);
    const from = context.now();
    const to = new Date(from.getTime() + readDuration('--for', flags.for));
    const frame = choosePictureFrame(context.output, { from, to, step });
    const stepMs = frame.step === 'day' ? DAY_MS : WEEK_MS;
    if (to.getTime() - from.getTime() < 1 || to.getTime() - from.getTime() > PERIODS_MAX * stepMs) {
      throw new CommandError(
        exitStatus.USAGE,
        `--for: found ${flags.for}; expected up to ${PERIODS_MAX} ${frame.step}s.`,
      );
    }
    const filter = {
      ...(realm !== undefined && { realm }),
      ...(owner !== undefined && { owner }),
      ...(label !== undefined && { labels: readLabels(label) }),
    };
    // A picture ends where the terminal does; JSON has the whole time.
    const shownTo = new Date(from.getTime() + (frame.periodsMax - 1) * stepMs);
    const isCut = !context.output.isJson && shownTo < to;
    const range = { from, to: isCut ? shownTo : to, step: frame.step, filter };
    if (by === 'key') await showKeys(context, range, frame, first);
    else await showLanes(context, range, frame, { groupBy: by === 'owner' ? 'OWNER' : 'REALM', first });
    if (isCut) {
      context.output.line(
        `It ends on ${shownTo.toISOString().slice(0, 10)}: a wider terminal, or --step week, shows more.`,
      );
    }
    return exitStatus.OK;
  },
};

async function showLanes(
  context: CommandContext,
  range: TimelineRange,
  frame: PictureFrame,
  options: { readonly groupBy: 'OWNER' | 'REALM'; readonly first: number },
): Promise<void> {
  const { output } = context;
  const { client } = await openLogin(context);
  const timeline = await fetchTimeline(client, range, options);
  output.json(timeline);
  const isEmpty = timeline.lanes.length === 0;
  for (const line of isEmpty ? ['No key stops in this time.'] : drawLanes(timeline, frame, output)) output.line(line);
}

async function showKeys(
  context: CommandContext,
  range: TimelineRange,
  frame: PictureFrame,
  first: number,
): Promise<void> {
  const { output } = context;
  const { client } = await openLogin(context);
  const keys = await fetchStoppingKeys(client, range);
  const { from, to } = range;
  output.json({ at: from.toISOString(), from: from.toISOString(), to: to.toISOString(), keys });
  if (keys.length === 0) return output.line('No key stops in this time.');
  const lines = drawKeys(keys.slice(0, first), { frame, at: from, periods: periodsOf(range), output });
  for (const line of lines) output.line(line);
  if (keys.length > first) output.line(`${keys.length - first} more; --first shows up to ${LANES_MAX}.`);
}

/** Returns when the periods of a time begin: whole days, or weeks from Monday on, in UTC. */
function periodsOf({ from, to, step }: TimelineRange): string[] {
  const stepMs = step === 'day' ? DAY_MS : WEEK_MS;
  // The first Monday of 1970.
  const origin = step === 'day' ? 0 : 4 * DAY_MS;
  const start = origin + Math.floor((from.getTime() - origin) / stepMs) * stepMs;
  return Array.from({ length: Math.ceil((to.getTime() - start) / stepMs) }, (_, index) =>
    new Date(start + index * stepMs).toISOString(),
  );
}

function readFirst(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= LANES_MAX) return count;
  throw new CommandError(
    exitStatus.USAGE,
    `--first: found ${JSON.stringify(text)}; expected a whole number from 1 to ${LANES_MAX}.`,
  );
}
