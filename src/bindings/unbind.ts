import { Prisma } from '../../prisma/generated/client/client.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { hasCome } from '../domain/key.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import type { PreviousRevision } from '../policies/stored-revision.ts';
import { workingColumns } from '../policies/known-fault.ts';
import { refuseDuringRollout } from '../policies/refuse-during-rollout.ts';
import { startSweep } from '../policies/start-sweep.ts';
import type { BindingChange, BindingCore } from './bind.ts';
import { lockBindingForCaller, refuseUnbound, type LockedBinding } from './lock-binding-for-caller.ts';
import { recordMended } from './record-mended.ts';
import { dropBrakes } from '../brakes/end-brake.ts';

export interface UnbindPolicyInput {
  readonly bindingId: string;
  readonly reason?: string | null;
}

/**
 * Removes a policy from a realm. If one revision is in force and the next one is announced, only the announced revision
 * is withdrawn: the revision in force stays, and so do the stops that wait behind its brakes. Otherwise the binding is
 * removed, the stops that wait behind its brakes are dropped, and the realm is swept without the policy. A removal
 * never shortens a stop.
 */
export const unbindPolicy = useCase<UnbindPolicyInput, LockedBinding, BindingChange, BindingCore>()({
  name: 'unbindPolicy',

  async authorize(change, caller, input) {
    if (input.reason != null) checkText('reason', input.reason, LONGEST_REASON);
    return lockBindingForCaller(change, caller, input.bindingId);
  },

  async run(change, caller, { bindingId, reason = null }, locked) {
    const { binding, realm } = locked;
    const unbound = refuseUnbound(binding);
    if (unbound !== null) return unbound;
    const busy = await refuseDuringRollout(change.tx, bindingId);
    if (busy !== null) return busy;
    const now = change.now();
    const wasInForce = hasCome(binding.effectiveAt, now);
    const before = wasInForce ? null : (binding.before as unknown as PreviousRevision | null);
    if (before === null) await removeBinding(change, locked, now);
    else await withdrawChange(change, locked, before, now);
    const { policy, hash, revision } = binding;
    // Null: no revision is in force any more, because the binding is removed.
    const revisionInForce = before === null ? null : revision + 1;
    const data = { bindingId, policy, hash, revision, wasInForce, revisionInForce };
    change.record({ type: 'POLICY_UNBOUND', at: now, realmId: realm.id, actor: actorOf(caller), reason, data });
    if (before !== null) recordMended(change, binding, { hash: before.hash, revision: revision + 1 }, caller, now);
    return { bindingId };
  },
});

async function removeBinding(change: Change<BindingCore>, { binding: { id }, realm }: LockedBinding, now: Date) {
  await change.tx.binding.update({
    where: { id },
    data: { unboundAt: now, changedAt: now, revision: { increment: 1 }, ...(await startSweep(change, realm.id)) },
  });
  await dropBrakes(change.tx, id, now);
}

/** Withdraws an announced change: the binding gets the revision in force as a new revision. */
async function withdrawChange(
  change: Change<BindingCore>,
  { binding, realm }: LockedBinding,
  { revision, hash, config, mode, selector, noticeMs }: PreviousRevision,
  now: Date,
) {
  const { tx, core } = change;
  const bindingId = binding.id;
  const next = binding.revision + 1;
  await tx.binding.update({
    where: { id: bindingId },
    data: {
      hash,
      title: core.policies.find(hash)?.title ?? binding.title,
      config: config as Prisma.InputJsonValue,
      mode,
      selector: selector === null ? Prisma.DbNull : (selector as Prisma.InputJsonValue),
      noticeMs,
      revision: next,
      before: Prisma.DbNull,
      isAnnounced: false,
      effectiveAt: now,
      changedAt: now,
      budget: null,
      ...workingColumns,
      ...(await startSweep(change, realm.id)),
    },
  });
  await tx.brake.updateMany({ where: { bindingId, revision }, data: { revision: next } });
}
