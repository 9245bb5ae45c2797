import { Option } from 'commander';
import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { countKeys, listKeys, type KeyListFilter } from '../key-list/list-keys.ts';
import { readLabels } from '../key-list/read-pairs.ts';
import { KEY_HEADINGS, formatKeyRows } from '../key-list/format-key.ts';
import { openLogin } from '../login/open-login.ts';
import { readDuration } from '../read-duration.ts';
import { trackProgress } from '../track-progress.ts';

const STATES = ['active', 'held', 'expired', 'revoked'] as const;

/** The parsed options. */
interface Options {
  readonly realm?: string;
  readonly owner?: string;
  readonly state?: readonly (typeof STATES)[number][];
  readonly label?: readonly string[];
  readonly search?: string;
  readonly stopsWithin?: string;
  readonly neverUsed?: true;
  readonly first?: string;
}

/**
 * Lists the keys that the caller may see, newest first.
 *
 * With `--json`: `{ keys: [{ id, name, realm, owner: { id, name }, state, standing, scopes: [{ action, resource }],
 * labels: { name: value }, createdAt, expiresAt, stopsAt, stopsBasis, lastUsedAt }] }`.
 */
export const listCommand: Command = {
  declare(parser) {
    parser
      .option('--realm <slug>', 'only keys of this realm')
      .option('--owner <id>', 'only keys of this account or organization')
      .addOption(new Option('--state <states...>', 'only keys in these states').choices(STATES))
      .option('--label <labels...>', 'only keys with all of these labels, as name=value')
      .option('--search <text>', 'only keys whose name contains this text')
      .option('--stops-within <duration>', 'only keys that stop by themselves within this time, such as 14d')
      .option('--never-used', 'only keys that were never used')
      .option('--first <count>', 'at most this many keys; default: all')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { options }) {
    const { output, now } = context;
    const flags = options as Options;
    const limit = flags.first === undefined ? null : readCount(flags.first);
    const filter = buildKeyFilter(flags, now());
    const { client } = await openLogin(context);
    // The time left needs the total, and counting makes the gateway read all matching keys, so count only if a person
    // watches the progress.
    const count = output.showsProgress ? await countKeys(client, filter) : null;
    const total = count === null ? limit : Math.min(count, limit ?? count);
    const onPage = trackProgress(output, now, 'keys', total);
    const keys = await listKeys(client, filter, { onPage, ...(limit !== null && { most: limit }) });
    output.progress(null);
    output.json({ keys });
    output.table(KEY_HEADINGS, formatKeyRows(keys, output, now()), 'No keys match.');
    return exitStatus.OK;
  },
};

function buildKeyFilter(
  { realm, owner, state, label, search, stopsWithin, neverUsed }: Options,
  now: Date,
): KeyListFilter {
  const withinMs = stopsWithin === undefined ? null : readDuration('--stops-within', stopsWithin);
  return {
    ...(realm !== undefined && { realm }),
    ...(owner !== undefined && { owner }),
    ...(state !== undefined && { states: state.map((value) => value.toUpperCase()) }),
    ...(label !== undefined && { labels: readLabels(label) }),
    ...(search !== undefined && { search }),
    ...(withinMs !== null && { stopsBefore: new Date(now.getTime() + withinMs).toISOString() }),
    ...(neverUsed === true && { neverUsed }),
  };
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new CommandError(
    exitStatus.USAGE,
    `--first: found ${JSON.stringify(text)}; expected a whole number of at least 1.`,
  );
}
