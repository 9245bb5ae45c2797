import type { Binding, Realm } from '../../prisma/generated/client/client.ts';
import { readBudget } from '../bindings/bind.ts';
import { checkSelector, findModule, refuseConfig, storeSelector } from '../bindings/check-binding.ts';
import { reviseSettings } from '../bindings/update.ts';
import { brownoutProblem, toBrownoutWindows } from '../domain/brownout.ts';
import { checkLongText, checkText } from '../domain/check-text.ts';
import { actorOf, type Json } from '../domain/event.ts';
import { fail, isFailure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { badUserInput } from '../domain/request-error.ts';
import { proposeStages, type RolloutBudget } from '../domain/rollout.ts';
import { stagesProblem, type RolloutStage } from '../domain/rollout-stage.ts';
import type { Selector } from '../domain/selector.ts';
import { useCase } from '../log/use-case.ts';
import { lockManagedRealm } from '../policies/lock-realm.ts';
import { refuseDuringRollout } from '../policies/refuse-during-rollout.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { checkRolloutBudget, refuseOtherReleases } from './check-rollout.ts';
import { previousRevisionOf, writeRollout, type NewRollout } from './write-rollout.ts';
import type { Transaction } from '../store/core.ts';
import type { RolloutChanged, RolloutCore } from './stored-rollout.ts';

export interface ProposeRolloutInput {
  /** The realm's slug. */
  readonly realm: string;
  readonly title: string;
  readonly explanation: string;
  /** The policy to bind; null: `bindingId` is changed or removed. */
  readonly policy?: string | null;
  readonly bindingId?: string | null;
  readonly config?: Json;
  readonly selector?: Selector | null;
  readonly remove?: boolean | null;
  readonly stages: readonly RolloutStage[];
  readonly budget: RolloutBudget;
  readonly replacement?: string | null;
  readonly sealedDigest?: string | null;
  readonly previewToken: string;
}

const TITLE_MAX = 100;
const EXPLANATION_MAX = 5_000;
const REPLACEMENT_MAX = 500;
const SEALED_DIGEST = /^[0-9a-f]{64}$/;

/**
 * Proposes a change of a binding that goes through stages: to bind a policy, or to change or remove a binding. The first stage
 * begins at once. While the rollout is open, other changes of the binding are refused.
 */
export const proposeRollout = useCase<ProposeRolloutInput, Realm, RolloutChanged, RolloutCore>()({
  name: 'proposeRollout',
  rehearse: rehearsePolicies,

  async authorize(change, caller, input) {
    checkText('title', input.title, TITLE_MAX);
    checkLongText('explanation', input.explanation, EXPLANATION_MAX);
    if (input.replacement != null) checkText('replacement', input.replacement, REPLACEMENT_MAX);
    checkSelector(input.selector ?? null);
    checkRolloutBudget(input.budget);
    if (input.sealedDigest != null && !SEALED_DIGEST.test(input.sealedDigest)) {
      throw badUserInput('sealedDigest: expected SHA-256 as 64 hexadecimal digits in lower case.', [
        'input',
        'sealedDigest',
      ]);
    }
    return lockManagedRealm(change, caller, input.realm);
  },

  async run(change, caller, input, realm) {
    const { core, tx } = change;
    const now = change.now();
    const binding = await findTarget(tx, realm, input);
    if (binding !== null && isFailure(binding)) return binding;
    if (binding !== null) {
      const busy = refuseAnnounced(binding, now) ?? (await refuseDuringRollout(tx, binding.id));
      if (busy !== null) return busy;
    }
    const noticeMs = Number(binding?.noticeMs ?? realm.minimumNoticeMs);
    const problem = stagesProblem(input.stages, noticeMs, now);
    if (problem !== null) throw badUserInput(`stages: ${problem}.`, ['input', 'stages']);
    await refuseFrozenWindows(tx, realm, input.stages);
    const module = findModule(core.policies, binding?.policy ?? input.policy ?? '', binding?.hash ?? null);
    if (isFailure(module)) return module;
    const isRemoved = input.remove === true;
    const { config, selector } = input;
    const changed = { ...(config !== undefined && { config }), ...(selector !== undefined && { selector }) };
    const settings =
      binding === null
        ? { config: config ?? {}, mode: 'ENFORCED' as const, selector: storeSelector(selector ?? null), noticeMs }
        : reviseSettings(binding, isRemoved ? {} : { ...changed, mode: 'ENFORCED' });
    const refused = await refuseConfig(core.policies, module, settings.config);
    if (refused !== null) return refused;
    const { name: policy, hash, title } = module;
    const about = { realmId: realm.id, bindingId: binding?.id ?? null, revision: binding?.revision ?? 0, policy, hash };
    const brakeBudget = readBudget(core, input.previewToken, { ...about, ...settings }, now) ?? 0;
    if (typeof brakeBudget === 'object') return brakeBudget;
    if (caller.kind !== 'ACCOUNT') throw new Error('only accounts manage realms');
    await refuseOtherReleases(tx, now);
    const { explanation, stages, budget, replacement, sealedDigest } = input;
    const proposal: NewRollout = {
      id: newId('rollout', now, core.random),
      change: binding === null ? 'BIND' : isRemoved ? 'UNBIND' : 'UPDATE',
      title: input.title,
      explanation,
      replacement: replacement ?? null,
      sealedDigest: sealedDigest ?? null,
      binding,
      before: binding === null ? null : previousRevisionOf(binding),
      after: isRemoved ? null : { ...settings, policy, hash, title },
      policy: { name: policy, hash, title },
      progress: proposeStages(stages, isRemoved ? 0 : noticeMs, now),
      budget,
      brakeBudget,
    };
    await writeRollout(change, realm, proposal, { id: caller.id, name: caller.name }, actorOf(caller));
    return { rolloutId: proposal.id };
  },
});

/** Returns the binding that the rollout changes; null: it makes one. */
async function findTarget(tx: Transaction, realm: Realm, input: ProposeRolloutInput) {
  const { bindingId = null, policy = null, remove } = input;
  if ((bindingId === null) === (policy === null)) {
    throw badUserInput(
      'Expected either the policy of a new binding, or the bindingId of a binding to change or remove.',
      ['input', 'bindingId'],
    );
  }
  if (bindingId === null) {
    if (remove === true) throw badUserInput('remove: expected the bindingId of a binding.', ['input', 'remove']);
    return null;
  }
  await tx.$queryRaw`SELECT 1 FROM "Binding" WHERE id = ${bindingId} FOR NO KEY UPDATE`;
  const binding = await tx.binding.findUnique({ where: { id: bindingId } });
  if (binding !== null && binding.realmId === realm.id && binding.unboundAt === null) return binding;
  return fail('BindingNotFound', 'No policy is bound in this realm under this id.', { path: ['input', 'bindingId'] });
}

/** Throws BAD_USER_INPUT for a brownout in a freeze: it would refuse no key (rule 45). A later freeze cancels it. */
async function refuseFrozenWindows(tx: Transaction, { id: realmId }: Realm, stages: readonly RolloutStage[]) {
  const starts = stages.flatMap(({ windows }) => windows);
  if (starts.length === 0) return;
  const freezes = await tx.freeze.findMany({ where: { realmId } });
  const problem = brownoutProblem(toBrownoutWindows(starts.map((start) => new Date(start))), freezes);
  if (problem !== null) throw badUserInput(`stages: windows: ${problem}.`, ['input', 'stages']);
}

function refuseAnnounced({ effectiveAt, isAnnounced }: Binding, now: Date) {
  if (!isAnnounced && effectiveAt <= now) return null;
  return fail('BindingBusy', 'A change of this binding is announced.', {
    remedy: 'Withdraw the announced change, or wait until it takes effect.',
  });
}
