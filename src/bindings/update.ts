import { Prisma, type Binding } from '../../prisma/generated/client/client.ts';
import { actorOf, type Json } from '../domain/event.ts';
import { isFailure } from '../domain/failure.ts';
import { hasCome } from '../domain/key.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { bindingChanges, bindingSettings } from '../policies/binding-changes.ts';
import { workingColumns } from '../policies/known-fault.ts';
import { refuseDuringRollout } from '../policies/refuse-during-rollout.ts';
import { startSweep } from '../policies/start-sweep.ts';
import type { PreviousRevision } from '../policies/stored-revision.ts';
import { checkReasons, readBudget, type BindingChange, type BindingCore, type BindingSettings } from './bind.ts';
import {
  checkEffectiveAt,
  checkSelector,
  findModule,
  refuseConfig,
  refuseNotice,
  storeSelector,
} from './check-binding.ts';
import { lockBindingForCaller, refuseUnbound, type LockedBinding } from './lock-binding-for-caller.ts';
import { recordMended } from './record-mended.ts';
import { dropBrakes } from '../brakes/end-brake.ts';

/** Fields that are left out stay as they are. A selector of null selects all keys of the realm. */
export interface UpdateBindingInput extends BindingSettings {
  readonly bindingId: string;
  /** The hash of another version of the module. */
  readonly hash?: string | null;
}

/** Changes a binding: adds a new revision. Until the new revision takes effect, the previous one stays in force. */
export const updateBinding = useCase<UpdateBindingInput, LockedBinding, BindingChange, BindingCore>()({
  name: 'updateBinding',
  rehearse: rehearsePolicies,

  async authorize(change, caller, input) {
    checkReasons(input);
    checkSelector(input.selector ?? null);
    return lockBindingForCaller(change, caller, input.bindingId);
  },

  async run(change, caller, input, { binding, realm }) {
    const unbound = refuseUnbound(binding);
    if (unbound !== null) return unbound;
    const { core, tx } = change;
    const busy = await refuseDuringRollout(tx, binding.id);
    if (busy !== null) return busy;
    const now = change.now();
    checkEffectiveAt(input.effectiveAt ?? null, now);
    const module = findModule(core.policies, binding.policy, input.hash ?? binding.hash);
    if (isFailure(module)) return module;
    const next = reviseSettings(binding, input);
    const refused =
      (await refuseConfig(core.policies, module, next.config)) ??
      refuseNotice(next.noticeMs, realm, input.withoutNoticeReason ?? null);
    if (refused !== null) return refused;
    const { id: bindingId, realmId, policy, revision } = binding;
    const previewed = { realmId, bindingId, revision, policy, hash: module.hash, ...next };
    const budget = readBudget(core, input.previewToken, previewed, now);
    if (typeof budget === 'object' && budget !== null) return budget;

    const effectiveAt = input.effectiveAt ?? now;
    const isAnnounced = !hasCome(effectiveAt, now);
    const sweep = await startSweep(change, realmId);
    const { config, selector, ...columns } = next;
    // An announced revision changes neither the revision in force nor the stops that wait behind its brakes.
    if (!isAnnounced) await dropBrakes(tx, bindingId, now);
    await tx.binding.update({
      where: { id: bindingId },
      data: {
        ...columns,
        ...sweep,
        ...(input.followsModule != null && { followsModule: input.followsModule }),
        hash: module.hash,
        title: module.title,
        config: config as Prisma.InputJsonValue,
        selector: selector === null ? Prisma.DbNull : (selector as Prisma.InputJsonValue),
        reason: input.reason ?? null,
        revision: { increment: 1 },
        effectiveAt,
        isAnnounced,
        before: isAnnounced ? (revisionInForce(binding, now) as unknown as Prisma.InputJsonValue) : Prisma.DbNull,
        changedAt: now,
        budget,
        budgetUsed: 0,
        ...workingColumns,
      },
    });
    const withoutNoticeReason = input.withoutNoticeReason ?? null;
    const data = {
      bindingId,
      policy,
      hash: module.hash,
      revision: revision + 1,
      mode: next.mode,
      withoutNoticeReason,
      ...bindingChanges(revisionInForce(binding, now) ?? bindingSettings(binding), { ...next, hash: module.hash }),
    };
    change.record({
      type: isAnnounced ? 'POLICY_ANNOUNCED' : 'POLICY_CHANGED',
      at: now,
      realmId,
      actor: actorOf(caller),
      reason: input.reason ?? null,
      data: { ...data, effectiveAt: effectiveAt.toISOString(), keyCount: sweep.sweepTotal },
    });
    recordMended(change, binding, { hash: module.hash, revision: revision + 1 }, caller, now);
    return { bindingId };
  },
});

/** Returns the settings of a binding after a change of it. */
export function reviseSettings(binding: Binding, input: Omit<UpdateBindingInput, 'bindingId'>) {
  return {
    config: input.config ?? (binding.config as Json),
    mode: input.mode ?? binding.mode,
    selector: input.selector === undefined ? (binding.selector as Json) : storeSelector(input.selector),
    noticeMs: input.noticeMs ?? Number(binding.noticeMs),
  };
}

/**
 * Returns the revision that stays in force while a new one is announced: the binding's newest revision, or the one
 * before it if the newest has not taken effect. Null: no revision of the binding has taken effect.
 */
function revisionInForce(binding: Binding, now: Date): PreviousRevision | null {
  if (!hasCome(binding.effectiveAt, now)) return binding.before as unknown as PreviousRevision | null;
  const { revision, hash, mode } = binding;
  return {
    revision,
    hash,
    mode,
    config: binding.config as Json,
    selector: binding.selector as Json,
    noticeMs: Number(binding.noticeMs),
  };
}
