import type { Rollout } from '../../prisma/generated/client/client.ts';
import { isSecondPerson } from '../domain/approval.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { beginNextStage, mayAdvance, openGates, type RolloutGate, type RolloutProgress } from '../domain/rollout.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { refuseOtherReleases } from './check-rollout.ts';
import { finishRollout } from './finish-rollout.ts';
import { lockRolloutForCaller, rolloutMismatch, type RolloutInput } from './lock-rollout.ts';
import { readGateFacts } from './read-gates.ts';
import { progressOfRollout, type RolloutChanged, type RolloutCore } from './stored-rollout.ts';
import { writeStage, type RolloutActor } from './write-stage.ts';

/**
 * Begins the next stage of a rollout, or ends it after the last one, as soon as no gate is open. A person decides so that an
 * INCONCLUSIVE rollout goes on, and a second one that a stage begins that reaches so many keys; else it advances by itself.
 */
export const advanceRollout = useCase<RolloutInput, Rollout, RolloutChanged, RolloutCore>()({
  name: 'advanceRollout',
  rehearse: rehearsePolicies,
  authorize: lockRolloutForCaller,

  async run(change, caller, { reason = null }, rollout) {
    const progress = progressOfRollout(rollout);
    const { state } = progress;
    if (state !== 'PROPOSED' && state !== 'RUNNING' && state !== 'INCONCLUSIVE') {
      return rolloutMismatch(rollout, state === 'PAUSED' ? 'Resume it first.' : 'It has ended.');
    }
    const now = change.share('instant', () => change.now());
    const facts = await readGateFacts(change.core, change.tx, rollout, now);
    const open = openGates(progress, facts, now);
    const isApproval = open.includes('SECOND_PERSON') && isSecondPerson(rollout.accountId, callerIdOf(caller));
    const gates = isApproval ? open.filter((gate) => gate !== 'SECOND_PERSON') : open;
    if (!mayAdvance(progress, gates)) return gateOpen(gates);
    await refuseOtherReleases(change.tx, now);
    if (isApproval) {
      const approval = { approvedById: callerIdOf(caller), approvedByName: nameOf(caller), approvedAt: now };
      await change.tx.rollout.update({ where: { id: rollout.id }, data: approval });
    }
    await writeNextStage(change, rollout, progress, gates, { actor: actorOf(caller), reason });
    return { rolloutId: rollout.id };
  },
});

/** Begins the next stage of a locked rollout, or ends it after the last one. */
export async function writeNextStage(
  change: Change,
  rollout: Rollout,
  progress: RolloutProgress,
  gates: readonly RolloutGate[],
  by: RolloutActor,
): Promise<void> {
  const next = beginNextStage(progress, gates, change.now());
  await (next.state === 'DONE' ? finishRollout(change, rollout, next, by) : writeStage(change, rollout, next, by));
}

/** What each open gate waits for. */
const gateSentences: Readonly<Record<RolloutGate, string>> = {
  LEAST_TIME: 'The least time of the present stage is not over.',
  OBJECTIONS: 'An objection has no reply.',
  BUDGET: 'The budget of the rollout is used up.',
  EVIDENCE: 'Too little was used to know whether the stage breaks anything.',
  SECOND_PERSON: 'A second administrator must begin a stage that reaches so many keys.',
};

function gateOpen(gates: readonly RolloutGate[]) {
  return fail('RolloutGateOpen', gates.map((gate) => gateSentences[gate]).join(' '));
}

function callerIdOf(caller: Caller): string {
  return caller.kind === 'ACCOUNT' ? caller.id : '';
}

function nameOf(caller: Caller): string {
  return caller.kind === 'ACCOUNT' ? caller.name : '';
}
