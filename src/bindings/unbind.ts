import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { useCase } from '../log/use-case.ts';
import { dropBrakes } from '../policies/drop-brakes.ts';
import { newSweep } from '../policies/new-sweep.ts';
import { type BindingChanged, type BindingCore } from './bind.ts';
import { openBinding, refuseUnbound, type OpenBinding } from './open-binding.ts';

export interface UnbindPolicyInput {
  readonly bindingId: string;
  readonly reason?: string | null;
}

/**
 * Takes a policy from a realm; one that is only announced is withdrawn. Its keys are looked at again without it, which
 * never brings a stop nearer. What waits behind its brakes is dropped.
 */
export const unbindPolicy = useCase<UnbindPolicyInput, OpenBinding, BindingChanged, BindingCore>({
  name: 'unbindPolicy',

  async authorize(change, caller, input) {
    if (input.reason != null) checkText('reason', input.reason, LONGEST_REASON);
    return openBinding(change, caller, input.bindingId);
  },

  async run(change, caller, { bindingId, reason = null }, { binding, realm }) {
    const unbound = refuseUnbound(binding);
    if (unbound !== null) return unbound;
    const { tx } = change;
    const now = change.now();
    await tx.binding.update({
      where: { id: bindingId },
      data: { unboundAt: now, changedAt: now, revision: { increment: 1 }, ...(await newSweep(change, realm.id)) },
    });
    await dropBrakes(tx, bindingId, now);
    const { policy, hash, revision } = binding;
    const data = { bindingId, policy, hash, revision, wasInForce: !binding.isAnnounced };
    change.tell({ type: 'POLICY_UNBOUND', at: now, realmId: realm.id, actor: actorOf(caller), reason, data });
    return { bindingId };
  },
});
