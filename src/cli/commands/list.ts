import { Option } from 'commander';
import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { countKeys, listKeys, type KeyListFilter } from '../key-list/list-keys.ts';
import { readLabels } from '../key-list/read-pairs.ts';
import { KEY_HEADINGS, formatKeyRows } from '../key-list/format-key.ts';
import { openLogin } from '../login/open-login.ts';
import { readDuration } from '../read-duration.ts';
import { readInstant } from '../read-instant.ts';
import { trackProgress } from '../track-progress.ts';

const STATES = ['active', 'held', 'expired', 'revoked'] as const;

/** The parsed options. */
interface Options {
  readonly realm?: string;
  readonly owner?: string;
  readonly subject?: string;
  readonly issuedBy?: string;
  readonly tokenRule?: string;
  readonly usedBy?: string;
  readonly issuedAfter?: string;
  readonly issuedBefore?: string;
  readonly unusedFor?: string;
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
      .option('--owner <id>', 'only keys of this account, organization or subject')
      .option('--subject <id>', 'only keys of the subject with this external id')
      .option('--issued-by <id>', 'only keys that this account or key issued')
      .option('--token-rule <id>', 'only keys that this rule issued for tokens of CI jobs')
      .option('--used-by <consumer>', 'only keys that this consumer has used')
      .addOption(new Option('--state <states...>', 'only keys in these states').choices(STATES))
      .option('--label <labels...>', 'only keys with all of these labels, as name=value')
      .option('--search <text>', 'only keys whose name contains this text')
      .option('--stops-within <duration>', 'only keys that stop by themselves within this time, such as 14d')
      .option('--issued-after <instant>', 'only keys issued then or later, such as 2027-01-31')
      .option('--issued-before <instant>', 'only keys issued before, such as 2027-01-31')
      .option('--unused-for <duration>', 'only keys that were not used in this time, such as 90d')
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

function buildKeyFilter(flags: Options, now: Date): KeyListFilter {
  const { realm, owner, subject, issuedBy, tokenRule, usedBy, search, neverUsed } = flags;
  const { state, label, issuedAfter, issuedBefore, stopsWithin, unusedFor } = flags;
  const shift = (ms: number) => new Date(now.getTime() + ms).toISOString();
  return {
    ...(realm !== undefined && { realm }),
    ...(owner !== undefined && { owner }),
    ...(subject !== undefined && { subject }),
    ...(issuedBy !== undefined && { issuedBy }),
    ...(tokenRule !== undefined && { tokenRule }),
    ...(usedBy !== undefined && { usedBy }),
    ...(state !== undefined && { states: state.map((value) => value.toUpperCase()) }),
    ...(label !== undefined && { labels: readLabels(label) }),
    ...(search !== undefined && { search }),
    ...(issuedAfter !== undefined && { issuedAfter: readInstant('--issued-after', issuedAfter) }),
    ...(issuedBefore !== undefined && { issuedBefore: readInstant('--issued-before', issuedBefore) }),
    ...(stopsWithin !== undefined && { stopsBefore: shift(readDuration('--stops-within', stopsWithin)) }),
    ...(unusedFor !== undefined && { unusedSince: shift(-readDuration('--unused-for', unusedFor)) }),
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
