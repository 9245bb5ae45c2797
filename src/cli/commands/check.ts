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

/** The parsed options. */
interface Options {
  readonly warn: string;
  readonly critical: string;
  readonly stale: string;
  readonly realm?: string;
  readonly label?: readonly string[];
}

/** The known keys, and what prevents the command from knowing their current state. */
interface KnownKeys {
  readonly keys: readonly CheckedKey[];
  /**
   * Why the current state of the keys is not known. Null: the gateway reported it, or only registered keys are checked.
   */
  readonly problem: string | null;
  /** Whether too little is known to report OK. */
  readonly isInsufficient: boolean;
}

/** How many keys the monitoring line names. */
const NAMED_KEYS_MAX = 3;

/**
 * Reports keys that are close to their stop, as a monitoring plug-in: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. While the
 * gateway is unavailable it reports the last known state, until that is too old.
 *
 * With `--json`: `{ status, message, problem, keys: [{ id, name, state, stopsAt, stopsBasis, askedAt, status, message
 * }] }`; problem is null, or why the current state of the keys is not known.
 */
export const checkCommand: Command = {
  declare(parser) {
    parser
      .option('--warn <duration>', 'WARNING for keys that stop within this time', '14d')
      .option('--critical <duration>', 'CRITICAL for keys that stop within this time', '3d')
      .option('--stale <duration>', 'UNKNOWN if the last known state is older than this', '2d')
      .option('--realm <slug>', 'only keys of this realm')
      .option('--label <labels...>', 'only keys with all of these labels, as name=value')
      .option('--json', 'print the result as JSON');
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

async function runCheck(context: CommandContext, flags: Options): Promise<(typeof monitorStatus)[MonitorStatus]> {
  const { realm, label } = flags;
  const thresholds = readThresholds(flags);
  const filter = { ...(realm !== undefined && { realm }), ...(label !== undefined && { labels: readLabels(label) }) };
  const { keys, problem, isInsufficient } = await loadKeys(context, filter, thresholds);
  const rated = rateKeys(keys, thresholds, context.now());
  const status = pickWorstMonitorStatus([
    ...rated.map((key) => key.status),
    ...(isInsufficient ? (['UNKNOWN'] as const) : []),
  ]);
  const failing = rated.filter((key) => key.status !== 'OK');
  const namedKeys = failing.slice(0, NAMED_KEYS_MAX).map(({ name, message }) => `${plainLine(name)} ${message}`);
  const andMore = failing.length > NAMED_KEYS_MAX ? `, and ${String(failing.length - NAMED_KEYS_MAX)} more` : '';
  const okText = `no key stops within ${describeDuration(thresholds.warnMs)}`;
  const hasFacts = !isInsufficient || rated.length > 0;
  const parts = [namedKeys.length > 0 ? namedKeys.join(', ') + andMore : hasFacts ? okText : '', problem ?? ''];
  const message = parts.filter((part) => part !== '').join('; ');
  return writeReport(context, status, message, rated, problem);
}

function readThresholds({ warn, critical, stale }: Options): Thresholds {
  return {
    warnMs: readDuration('--warn', warn),
    criticalMs: readDuration('--critical', critical),
    staleMs: readDuration('--stale', stale),
  };
}

/**
 * Loads the keys from the gateway, or their last known state if it is unavailable, and adds the keys that are
 * registered on this machine.
 */
async function loadKeys(
  context: CommandContext,
  filter: KeyListFilter,
  { warnMs, staleMs }: Thresholds,
): Promise<KnownKeys> {
  const { folders, now } = context;
  const registered = Object.keys(filter).length === 0 ? await listLastKnownKeys(folders, now()) : [];
  const login = await readLogin(folders);
  if (login === null) {
    const problem =
      registered.length > 0
        ? null
        : 'Not logged in, and no keys are registered on this machine: run keytide login or keytide keep.';
    return { keys: registered, problem, isInsufficient: registered.length === 0 };
  }
  const scope: CheckScope = { url: login.url, as: login.id, filter };
  // The list must cover the warning time for as long as the gateway may be unavailable.
  const withinMs = warnMs + staleMs;
  try {
    const { client } = await openLogin(context);
    const askedAt = now();
    const keys = await fetchKeysToCheck(client, filter, withinMs, askedAt);
    await writeLastCheck(folders, scope, keys, { withinMs, askedAt });
    return { keys: mergeKeys(keys, registered), problem: null, isInsufficient: false };
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof ClientError)) throw error;
    const lastCheck = await readLastCheck(folders, scope);
    const ageMs = lastCheck === null ? Number.POSITIVE_INFINITY : now().getTime() - lastCheck.askedAt.getTime();
    const unknown =
      registered.length > 0 ? 'only the keys registered on this machine are known' : 'no earlier state is known';
    const knowledge = lastCheck === null ? unknown : `state of ${describeDuration(Math.max(0, ageMs))} ago`;
    const isInsufficient = lastCheck === null || ageMs > staleMs || lastCheck.withinMs < warnMs + ageMs;
    return {
      keys: mergeKeys(lastCheck?.keys ?? [], registered),
      problem: `${knowledge}: ${plainLine(error.message)}`,
      isInsufficient,
    };
  }
}

/** Merges two lists so that each key appears once, with its latest known state. */
function mergeKeys(keys: readonly CheckedKey[], registered: readonly CheckedKey[]): CheckedKey[] {
  const byId = new Map<string, CheckedKey>();
  for (const key of [...registered, ...keys]) {
    const other = byId.get(key.id);
    if (other !== undefined && other.askedAt > key.askedAt) continue;
    const { renewalProblem = other?.renewalProblem } = key;
    byId.set(key.id, { ...key, ...(renewalProblem !== undefined && { renewalProblem }) });
  }
  return [...byId.values()];
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
    (name) => `${name.toLowerCase()}=${keys.filter((key) => key.status === name).length}`,
  );
  // Monitoring systems parse the text after | as performance data.
  const toSafeText = (text: string) => plainLine(text).replaceAll('|', '/');
  output.line(`KEYTIDE ${status} - ${toSafeText(message)} | ${counts.join(' ')}`);
  for (const { id, name, status: keyStatus, message: keyMessage, warnings = [] } of keys) {
    if (keyStatus !== 'OK' || warnings.length > 0)
      output.line(`${keyStatus}: ${toSafeText(name)} (${id}) ${keyMessage}`);
  }
  return monitorStatus[status];
}
