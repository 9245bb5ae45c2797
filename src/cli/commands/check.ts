import { ClientError } from '../../client/client-error.ts';
import { describeDuration } from '../../domain/duration.ts';
import {
  fetchKeysToCheck,
  writeLastCheck,
  listLastKnownKeys,
  readLastCheck,
  type CheckScope,
  type CheckedKey,
} from '../check/checked-keys.ts';
import { rateKeys, pickWorstMonitorStatus, type Thresholds, type RatedKey } from '../check/rate-keys.ts';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, monitorStatus, type MonitorStatus } from '../exit-status.ts';
import type { KeyListFilter } from '../key-list/list-keys.ts';
import { readLabels } from '../key-list/read-pairs.ts';
import { openLogin } from '../login/open-login.ts';
import { readLogin } from '../login/stored-login.ts';
import { plainLine } from '../output.ts';
import { readDuration } from '../read-duration.ts';

/** What the options are read as. */
interface Options {
  readonly warn: string;
  readonly critical: string;
  readonly stale: string;
  readonly realm?: string;
  readonly label?: readonly string[];
}

/** What is known, and what stands in the way of knowing it of today. */
interface KnownKeys {
  readonly keys: readonly CheckedKey[];
  /** Null: the gateway has answered, or was not to be asked. */
  readonly problem: string | null;
  /** Whether what is known is not enough to say that all is well. */
  readonly isInsufficient: boolean;
}

/** How many keys a line of monitoring names. */
const NAMED_KEYS_MAX = 3;

/**
 * Says whether keys come near to their end, as a plug-in of monitoring: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. While the
 * gateway is away it says what was last known, until that is too old.
 *
 * With `--json`: `{ status, message, problem, keys: [{ id, name, state, stopsAt, stopsBasis, askedAt, status, message }] }`; problem is
 * null, or why the gateway could not be asked.
 */
export const checkCommand: Command = {
  name: 'check',
  summary: 'say whether keys come near to their end, for monitoring',
  declare(parser) {
    parser
      .option('--warn <duration>', 'WARNING for what stops within that', '14d')
      .option('--critical <duration>', 'CRITICAL for what stops within that', '3d')
      .option('--stale <duration>', 'UNKNOWN when what is known is older than that', '2d')
      .option('--realm <slug>', 'the keys of one realm')
      .option('--label <labels...>', 'the keys that have all of these, as name=value')
      .option('--json', 'answer as JSON');
  },
  async run(context, { options }) {
    try {
      return await runCheck(context, options as unknown as Options);
    } catch (error) {
      if (!(error instanceof CommandError || error instanceof ClientError)) throw error;
      return writeReport(context, 'UNKNOWN', plainLine(error.message), [], error.message);
    }
  },
};

async function runCheck(context: CommandContext, told: Options): Promise<(typeof monitorStatus)[MonitorStatus]> {
  const { realm, label } = told;
  const bounds = readThresholds(told);
  const filter = { ...(realm !== undefined && { realm }), ...(label !== undefined && { labels: readLabels(label) }) };
  const { keys, problem, isInsufficient } = await loadKeys(context, filter, bounds);
  const judged = rateKeys(keys, bounds, context.now());
  const status = pickWorstMonitorStatus([
    ...judged.map((key) => key.status),
    ...(isInsufficient ? (['UNKNOWN'] as const) : []),
  ]);
  const bad = judged.filter((key) => key.status !== 'OK');
  const named = bad.slice(0, NAMED_KEYS_MAX).map(({ name, message }) => `${plainLine(name)} ${message}`);
  const more = bad.length > NAMED_KEYS_MAX ? `, and ${String(bad.length - NAMED_KEYS_MAX)} more` : '';
  const fine = `no key stops within ${describeDuration(bounds.warnMs)}`;
  const said = [named.length > 0 ? named.join(', ') + more : isInsufficient ? '' : fine, problem ?? ''];
  const message = said.filter((part) => part !== '').join('; ');
  return writeReport(context, status, message, judged, problem);
}

function readThresholds({ warn, critical, stale }: Options): Thresholds {
  return {
    warnMs: readDuration('--warn', warn),
    criticalMs: readDuration('--critical', critical),
    staleMs: readDuration('--stale', stale),
  };
}

/** What the gateway says of the keys, or said last; with the keys that are kept here. */
async function loadKeys(
  context: CommandContext,
  filter: KeyListFilter,
  { warnMs, staleMs }: Thresholds,
): Promise<KnownKeys> {
  const { folders, now } = context;
  const kept = Object.keys(filter).length === 0 ? await listLastKnownKeys(folders) : [];
  const login = await readLogin(folders);
  if (login === null) {
    const problem = kept.length > 0 ? null : 'Nobody is logged in, and no key is kept here: run keytide login.';
    return { keys: kept, problem, isInsufficient: kept.length === 0 };
  }
  const checked: CheckScope = { url: login.url, as: login.id, filter };
  // As far ahead as it may have to do for while the gateway is away.
  const withinMs = warnMs + staleMs;
  try {
    const { client } = await openLogin(context);
    const askedAt = now();
    const keys = await fetchKeysToCheck(client, filter, withinMs, askedAt);
    await writeLastCheck(folders, checked, keys, { withinMs, askedAt });
    return { keys: mergeKeys(keys, kept), problem: null, isInsufficient: false };
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof ClientError)) throw error;
    const last = await readLastCheck(folders, checked);
    const ageMs = last === null ? Number.POSITIVE_INFINITY : now().getTime() - last.askedAt.getTime();
    const known =
      last === null ? 'nothing is known from before' : `as known ${describeDuration(Math.max(0, ageMs))} ago`;
    const isMissing = last === null || ageMs > staleMs || last.withinMs < warnMs + ageMs;
    return {
      keys: mergeKeys(last?.keys ?? [], kept),
      problem: `${known}: ${plainLine(error.message)}`,
      isInsufficient: isMissing,
    };
  }
}

/** Each key once, as it was told of last. */
function mergeKeys(keys: readonly CheckedKey[], kept: readonly CheckedKey[]): CheckedKey[] {
  const found = new Map<string, CheckedKey>();
  for (const key of [...kept, ...keys]) {
    const other = found.get(key.id);
    if (other === undefined || other.askedAt <= key.askedAt) found.set(key.id, key);
  }
  return [...found.values()];
}

function writeReport(
  { output }: CommandContext,
  status: MonitorStatus,
  message: string,
  keys: readonly RatedKey[],
  problem: string | null,
): (typeof monitorStatus)[MonitorStatus] {
  output.json({ status, message, problem, keys });
  const counts = (['WARNING', 'CRITICAL'] as const).map(
    (one) => `${one.toLowerCase()}=${keys.filter((key) => key.status === one).length}`,
  );
  // What stands behind | is counts, to whoever monitors.
  const plain = (text: string) => plainLine(text).replaceAll('|', '/');
  output.line(`KEYTIDE ${status} - ${plain(message)} | ${counts.join(' ')}`);
  for (const { id, name, status: of, message: is } of keys) {
    if (of !== 'OK') output.line(`${of}: ${plain(name)} (${id}) ${is}`);
  }
  return monitorStatus[status];
}
