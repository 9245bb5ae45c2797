import type { Prisma, Realm } from '../../prisma/generated/client/client.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf, type Actor, type Json } from '../domain/event.ts';
import { isFailure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { hasCome } from '../domain/key.ts';
import type { Selector } from '../domain/selector.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import type { Core } from '../store/core.ts';
import type { Policies } from '../policies/policies.ts';
import type { ModuleVersion } from '../policies/runtime/runtime.ts';
import { lockManagedRealm } from '../policies/lock-realm.ts';
import {
  checkEffectiveAt,
  checkSelector,
  findModule,
  refuseConfig,
  refuseNotice,
  storeSelector,
} from './check-binding.ts';
import { startSweep } from '../policies/start-sweep.ts';
import { readPreviewToken } from './preview-token.ts';

/** The core of changes of bindings. */
export type BindingCore = Core & { readonly policies: Policies };

export type BindingMode = 'ENFORCED' | 'SHADOW' | 'PAUSED';

/** The settings of a binding. */
export interface BindingSettings {
  readonly config?: Json;
  readonly mode?: BindingMode | null;
  readonly selector?: Selector | null;
  /** Whether the binding is upgraded to new versions of its module automatically. */
  readonly followsModule?: boolean | null;
  readonly effectiveAt?: Date | null;
  readonly noticeMs?: number | null;
  readonly withoutNoticeReason?: string | null;
  readonly previewToken?: string | null;
  readonly reason?: string | null;
}

export interface BindPolicyInput extends BindingSettings {
  /** The realm's slug. */
  readonly realm: string;
  readonly policy: string;
}

export type BindingChange = { readonly bindingId: string };

/**
 * Binds a policy to a realm. Before `effectiveAt` the binding is announced: its verdicts are shown but change nothing.
 */
export const bindPolicy = useCase<BindPolicyInput, Realm, BindingChange, BindingCore>()({
  name: 'bindPolicy',
  rehearse: rehearsePolicies,

  async authorize(change, caller, input) {
    checkReasons(input);
    checkSelector(input.selector ?? null);
    return lockManagedRealm(change, caller, input.realm);
  },

  async run(change, caller, input, realm) {
    const { core } = change;
    const now = change.now();
    checkEffectiveAt(input.effectiveAt ?? null, now);
    const module = findModule(core.policies, input.policy, null);
    if (isFailure(module)) return module;
    const config = input.config ?? {};
    const noticeMs = input.noticeMs ?? Number(realm.minimumNoticeMs);
    const refused =
      (await refuseConfig(core.policies, module, config)) ??
      refuseNotice(noticeMs, realm, input.withoutNoticeReason ?? null);
    if (refused !== null) return refused;
    const mode = input.mode ?? 'ENFORCED';
    const selector = storeSelector(input.selector ?? null);
    const previewed = { realmId: realm.id, bindingId: null, revision: 0, policy: module.name, hash: module.hash };
    const budget = readBudget(core, input.previewToken, { ...previewed, config, mode, selector, noticeMs }, now);
    if (typeof budget === 'object' && budget !== null) return budget;
    const { effectiveAt = null, reason = null } = input;
    const followsModule = input.followsModule ?? false;
    const withoutNoticeReason = input.withoutNoticeReason ?? null;
    const settings = {
      config,
      mode,
      selector,
      noticeMs,
      followsModule,
      effectiveAt,
      reason,
      withoutNoticeReason,
      budget,
    };
    return writeBinding(change, realm, module, settings, actorOf(caller), now);
  },
});

export interface NewBinding {
  readonly config: Json;
  readonly mode: BindingMode;
  readonly selector: Json;
  readonly noticeMs: number;
  readonly followsModule: boolean;
  /** When the binding takes effect; null: at once. */
  readonly effectiveAt: Date | null;
  readonly reason: string | null;
  /** Why the notice period is shorter than the realm requires. */
  readonly withoutNoticeReason?: string | null;
  readonly budget: number | null;
}

/** Writes a new binding, starts a sweep of its realm, and records POLICY_ANNOUNCED or POLICY_BOUND. */
export async function writeBinding(
  change: Change,
  realm: Pick<Realm, 'id'>,
  module: Pick<ModuleVersion, 'name' | 'hash' | 'title'>,
  {
    config,
    mode,
    selector,
    noticeMs,
    followsModule,
    effectiveAt,
    reason,
    withoutNoticeReason = null,
    budget,
  }: NewBinding,
  actor: Actor,
  now: Date,
): Promise<BindingChange> {
  const bindingId = newId('binding', now, change.core.random);
  const isAnnounced = !hasCome(effectiveAt ?? now, now);
  const sweep = await startSweep(change, realm.id);
  await change.tx.binding.create({
    data: {
      id: bindingId,
      realmId: realm.id,
      policy: module.name,
      hash: module.hash,
      title: module.title,
      config: config as Prisma.InputJsonValue,
      mode,
      ...(selector !== null && { selector: selector as Prisma.InputJsonValue }),
      noticeMs,
      followsModule,
      reason,
      effectiveAt: effectiveAt ?? now,
      isAnnounced,
      createdAt: now,
      changedAt: now,
      budget,
      ...sweep,
    },
  });
  change.record({
    type: isAnnounced ? 'POLICY_ANNOUNCED' : 'POLICY_BOUND',
    at: now,
    realmId: realm.id,
    actor,
    reason,
    data: {
      bindingId,
      policy: module.name,
      hash: module.hash,
      revision: 1,
      mode,
      effectiveAt: (effectiveAt ?? now).toISOString(),
      keyCount: sweep.sweepTotal,
      withoutNoticeReason,
    },
  });
  return { bindingId };
}

/**
 * Returns the budget that a preview token gives to a change: how many stops the brake lets the change shorten, which is
 * their number in the preview plus 1 %. Returns null without a token, and a failure if the token is not valid for the
 * change.
 */
export function readBudget(
  core: BindingCore,
  token: string | null | undefined,
  of: Parameters<typeof readPreviewToken>[2],
  now: Date,
) {
  if (token == null) return null;
  const count = readPreviewToken(core.sealer, token, of, now);
  return typeof count === 'number' ? Math.ceil(count * 1.01) : count;
}

export function checkReasons({ reason, withoutNoticeReason }: Pick<BindingSettings, 'reason' | 'withoutNoticeReason'>) {
  if (reason != null) checkText('reason', reason, LONGEST_REASON);
  if (withoutNoticeReason != null) checkText('withoutNoticeReason', withoutNoticeReason, LONGEST_REASON);
}
