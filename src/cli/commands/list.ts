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

/** What the options are read as. */
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
 * Lists the keys that whoever is logged in may see, newest first.
 *
 * With `--json`: `{ keys: [{ id, name, realm, owner: { id, name }, state, standing, scopes: [{ action, resource }], labels: { name:
 * value }, createdAt, expiresAt, stopsAt, stopsBasis, lastUsedAt }] }`.
 */
export const listCommand: Command = {
  name: 'list',
  summary: 'list keys',
  declare(parser) {
    parser
      .option('--realm <slug>', 'those of one realm')
      .option('--owner <id>', 'those of one account or organization')
      .addOption(new Option('--state <states...>', 'those in these states').choices(STATES))
      .option('--label <labels...>', 'those that have all of these, as name=value')
      .option('--search <text>', 'those whose name holds it')
      .option('--stops-within <duration>', 'those that stop by themselves within that, such as 14d')
      .option('--never-used', 'those that were never used')
      .option('--first <count>', 'so many at most; all of them unless told')
      .option('--json', 'answer as JSON');
  },
  async run(context, { options }) {
    const { output, now } = context;
    const told = options as Options;
    const most = told.first === undefined ? null : readCount(told.first);
    const filter = buildKeyFilter(told, now());
    const { client } = await openLogin(context);
    // How long it still takes is of use to who looks on, and costs the gateway a look at all of them.
    const count = output.showsProgress ? await countKeys(client, filter) : null;
    const total = count === null ? most : Math.min(count, most ?? count);
    const onPage = trackProgress(output, now, 'keys', total);
    const keys = await listKeys(client, filter, { onPage, ...(most !== null && { most }) });
    output.progress(null);
    output.json({ keys });
    output.table(KEY_HEADINGS, formatKeyRows(keys, output, now()), 'There are no such keys.');
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
    ...(state !== undefined && { states: state.map((one) => one.toUpperCase()) }),
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
    `--first: found ${JSON.stringify(text)}; a whole number from 1 is expected.`,
  );
}
