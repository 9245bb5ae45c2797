import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BindingCore } from '../bindings/bind.ts';
import { loadInputs, type LoadedInput } from '../bindings/load-inputs.ts';
import { readProposal, type PreviewPolicyInput } from '../bindings/preview.ts';
import type { Caller } from '../domain/caller.ts';
import { DAY_MS, formatDuration, MINUTE_MS } from '../domain/duration.ts';
import { addMs, hasCome } from '../domain/key.ts';
import { badUserInput, unavailable } from '../domain/request-error.ts';
import { selects } from '../domain/selector.ts';
import { dayOf } from '../domain/usage-day.ts';
import type { UsagePeriod } from '../keys/read-usage.ts';
import { selectableKeyOf } from '../policies/evaluation-input.ts';
import { revisionsOf, type Revision } from '../policies/revisions.ts';
import { ReplayCounts, type PolicyReplay } from './count-replay.ts';
import { DraftReplay } from './draft-replay.ts';
import { loadHistories } from './load-histories.ts';

const BATCH = 1_000;
const LONGEST_DAYS = 400;
/** The time limit of a replay. */
const LIMIT_MS = 15 * MINUTE_MS;

/** How many replays a node runs at a time. A replay goes on when its client has left, and reviews wait for the same policy process. */
const RUNNING_MAX = 2;
const runningCounts = new WeakMap<BindingCore['policies'], number>();

/**
 * Runs a draft of a policy over the recorded use of the last days: which jobs would have failed if it had been in force all the
 * time. Writes nothing. The draft is evaluated as a review does, with the facts of the day of each activity. Other policies and
 * chosen expiries are left out, because all recorded use has passed them. Only keys that are live now are replayed.
 */
export async function replayPolicy(
  core: BindingCore,
  caller: Caller,
  input: PreviewPolicyInput,
  periodMs: number,
): Promise<PolicyReplay> {
  const period = checkReplay(input, periodMs, core.clock.now());
  const proposed = await readProposal(core, caller, input);
  const runningCount = () => runningCounts.get(core.policies) ?? 0;
  if (runningCount() >= RUNNING_MAX)
    throw unavailable('Other replays run on this node. Try again when one has ended.', MINUTE_MS);
  runningCounts.set(core.policies, runningCount() + 1);
  try {
    return await runDraft(core, proposed, period);
  } finally {
    runningCounts.set(core.policies, runningCount() - 1);
  }
}

/**
 * Returns the period of a replay.
 *
 * @throws BAD_USER_INPUT if it is too short or too long, or the change is a removal.
 */
export function checkReplay({ remove }: Pick<PreviewPolicyInput, 'remove'>, periodMs: number, now: Date): UsagePeriod {
  if (remove === true) throw badUserInput('replay: a removal of a binding stops no key.', ['input', 'replay']);
  return periodOf(periodMs, now);
}

async function runDraft(
  core: BindingCore,
  { realm, proposal, now }: Awaited<ReturnType<typeof readProposal>>,
  period: UsagePeriod,
): Promise<PolicyReplay> {
  const endsAt = addMs(now, LIMIT_MS);
  const revision = revisionOf(proposal, now);
  const counts = new ReplayCounts(period);
  const draft = new DraftReplay(core, realm, revision, now);
  const isSelected = ({ input: key }: LoadedInput) =>
    revision.selector === null || selects(revision.selector, selectableKeyOf(key));
  const tx = core.prisma;
  const load = async (after: string) => {
    const batch = await loadInputs(tx, realm, after, BATCH);
    const histories = await loadHistories(tx, batch, period, { hasAllDays: draft.readsDays, now });
    return { last: batch.at(-1)?.input.known.key.id, histories };
  };
  let next = load('');
  for (;;) {
    const { last, histories } = await next;
    if (last === undefined) return counts.result();
    if (hasCome(endsAt, core.clock.now())) throw unavailable('The replay takes too long. Replay fewer days.');
    // The next batch is read while the policy process evaluates this one.
    next = load(last);
    next.catch(() => undefined);
    const selected = histories.filter(({ loaded }) => isSelected(loaded));
    const results = await draft.run(selected);
    for (const history of histories) counts.add(history, results.get(history)?.failsFrom ?? null);
    counts.faultCount += [...results.values()].filter(({ isFaulty }) => isFaulty).length;
    await nextTurn();
  }
}

function periodOf(periodMs: number, now: Date): UsagePeriod {
  if (periodMs < DAY_MS || periodMs > LONGEST_DAYS * DAY_MS) {
    throw badUserInput(`replay: found ${formatDuration(periodMs)}; expected P1D to P${LONGEST_DAYS}D.`, [
      'input',
      'replay',
    ]);
  }
  return { from: dayOf(now.getTime() - periodMs), to: dayOf(now.getTime()) };
}

/** Returns the draft as a revision that was always in force. */
function revisionOf(proposal: Parameters<typeof revisionsOf>[0], now: Date): Revision {
  const [revision] = revisionsOf({ ...proposal, mode: 'ENFORCED', effectiveAt: new Date(0) }, now);
  if (revision === undefined) throw new Error('the draft is unbound');
  return revision;
}
