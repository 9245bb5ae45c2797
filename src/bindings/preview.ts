import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Binding, Prisma } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { MINUTE_MS } from '../domain/duration.ts';
import type { Json } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import type { Selector } from '../domain/selector.ts';
import { evaluateBindings } from '../policies/evaluate-policies.ts';
import { realmPoliciesInclude, type RealmPolicies } from '../policies/realm-policies.ts';
import type { BindingCore, BindingMode } from './bind.ts';
import { checkEffectiveAt, checkSelector, findModule, refuseConfig, storeSelector } from './check-binding.ts';
import { PreviewCounts, type PolicyPreview } from './count-preview.ts';
import { loadInputs, type LoadedInput } from './load-inputs.ts';
import { makePreviewToken } from './preview-token.ts';
import { stopEffectOf } from './stop-effect.ts';
import { reviseSettings } from './update.ts';

export interface PreviewPolicyInput {
  /** The realm's slug. */
  readonly realm: string;
  /** A change of this one; null: a new binding. */
  readonly bindingId?: string | null;
  readonly policy?: string | null;
  /** Another version of the module. */
  readonly hash?: string | null;
  readonly config?: Json;
  readonly selector?: Selector | null;
  readonly mode?: BindingMode | null;
  readonly noticeMs?: number | null;
  /** As of when it would be effective; null: now. */
  readonly effectiveAt?: Date | null;
  /** As if the binding were taken away. */
  readonly remove?: boolean | null;
}

const BATCH = 1_000;
const COUNTS_PER_TURN = 50;
/** How long a preview may take: a million keys and more. */
const LIMIT_MS = 15 * MINUTE_MS;

/** The effect of a binding on the real keys, before anything happens: the same functions, on one snapshot, writing nothing. */
export async function previewPolicy(
  core: BindingCore,
  caller: Caller,
  input: PreviewPolicyInput,
): Promise<PolicyPreview> {
  checkSelector(input.selector ?? null);
  return core.prisma.$transaction(
    async (tx) => {
      const realm = await tx.realm.findUnique({ where: { slug: input.realm }, include: realmPoliciesInclude });
      if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) {
        throw badUserInput('realm: there is no realm with this slug that you can see.', ['input', 'realm']);
      }
      if (!may(caller, 'realm.manage', { realmId: realm.id })) throw forbidden('Only administrators preview policies.');
      const now = core.clock.now();
      checkEffectiveAt(input.effectiveAt ?? null, now);
      const asOf = input.effectiveAt ?? now;
      const proposal = throwFailure(await buildProposal(core, realm, input, now));
      const changed = { ...realm, bindings: bindingsWith(realm, proposal, input.remove === true) };
      const counts = new PreviewCounts(now);
      const realms = new Map([[realm.id, changed]]);
      const ask = async (after: string) => {
        const batch = await loadInputs(tx, changed, after, BATCH);
        const subjects = batch.map(({ input }) => input);
        return { batch, ...(await evaluateBindings(core.policies, tx, realms, subjects, now, { asOf })) };
      };
      let asked = await ask('');
      for (let last = asked.batch.at(-1); last !== undefined; last = asked.batch.at(-1)) {
        // What was said is counted while another process is asked about the next keys.
        [asked] = await Promise.all([ask(last.input.known.key.id), countBatch(counts, realm, proposal.id, asked)]);
      }
      return counts.preview(
        makePreviewToken(core.sealer, previewedChangeOf(realm.id, proposal, input), counts.nearerCount, now),
      );
    },
    { isolationLevel: 'RepeatableRead', timeout: LIMIT_MS },
  );
}

/** Counts what was said of keys; the answers about others are taken in between. */
async function countBatch(
  counts: PreviewCounts,
  realm: RealmPolicies,
  bindingId: string,
  { batch, judged, reports }: { readonly batch: readonly LoadedInput[] } & Awaited<ReturnType<typeof evaluateBindings>>,
): Promise<void> {
  const verdicts = new Map(judged.map((one) => [one.input, one]));
  for (const [index, one] of batch.entries()) {
    if (index % COUNTS_PER_TURN === 0) await nextTurn();
    const evaluated = verdicts.get(one.input);
    if (evaluated !== undefined) counts.add(one, stopEffectOf(realm, one, evaluated, bindingId));
  }
  counts.skippedCount += judged.filter(({ isIncomplete }) => isIncomplete).length;
  for (const { binding, failedKeys } of reports) if (binding.id === bindingId) counts.faults.add(failedKeys);
}

/** The id under which a binding that is not there yet is asked; after all others, as a new one would be. */
const NEW_ID = 'binding_zzzzzzzzzzzzzzzzzzzzzzzzzz';

/** The binding as it would be. */
async function buildProposal(
  core: BindingCore,
  realm: RealmPolicies,
  input: PreviewPolicyInput,
  now: Date,
): Promise<Binding | Failure> {
  const present = input.bindingId == null ? null : realm.bindings.find(({ id }) => id === input.bindingId);
  if (present === undefined) {
    return fail('BindingNotFound', 'There is no binding with this id in this realm.', { path: ['input', 'bindingId'] });
  }
  if (present === null && (input.policy == null || input.remove === true)) {
    throw badUserInput('Give a bindingId, or the policy of a new binding.', ['input', 'policy']);
  }
  const module = findModule(core.policies, present?.policy ?? input.policy ?? '', input.hash ?? present?.hash ?? null);
  if (isFailure(module)) return module;
  const next = present === null ? newSettings(realm, input) : reviseSettings(present, input);
  const refused = await refuseConfig(core.policies, module, next.config);
  if (refused !== null) return refused;
  return {
    ...(present ?? newBindingRow(realm, now)),
    ...next,
    config: next.config as Prisma.JsonValue,
    selector: next.selector as Prisma.JsonValue,
    noticeMs: BigInt(next.noticeMs),
    policy: module.name,
    hash: module.hash,
    title: module.title,
    effectiveAt: input.effectiveAt ?? now,
    before: null,
    health: 'WORKING',
  };
}

function newSettings(realm: RealmPolicies, { config, mode, selector, noticeMs }: PreviewPolicyInput) {
  return {
    config: config ?? {},
    mode: mode ?? ('ENFORCED' as const),
    selector: storeSelector(selector ?? null),
    noticeMs: noticeMs ?? Number(realm.minimumNoticeMs),
  };
}

function newBindingRow(
  realm: RealmPolicies,
  now: Date,
): Omit<Binding, 'policy' | 'hash' | 'title' | 'config' | 'mode' | 'selector' | 'noticeMs'> {
  return {
    id: NEW_ID,
    realmId: realm.id,
    followsModule: false,
    reason: null,
    revision: 0,
    effectiveAt: now,
    isAnnounced: false,
    before: null,
    createdAt: now,
    changedAt: now,
    unboundAt: null,
    health: 'WORKING',
    brokenAt: null,
    fault: null,
    retryAt: null,
    lastBounds: null,
    budget: null,
    budgetUsed: 0,
    sweepCursor: null,
    sweepTotal: 0,
    sweepDone: 0,
    sweepSilent: 0,
    sweepNumber: 0,
  };
}

function bindingsWith(realm: RealmPolicies, proposal: Binding, isRemoved: boolean): readonly Binding[] {
  const others = realm.bindings.filter(({ id }) => id !== proposal.id);
  return isRemoved ? others : [...others, proposal];
}

/** What the token of a preview stands for: the same as what the mutation is asked for. */
function previewedChangeOf(realmId: string, proposal: Binding, input: PreviewPolicyInput) {
  const { policy, hash, mode, revision } = proposal;
  const bindingId = input.bindingId ?? null;
  const [config, selector] = [proposal.config as Json, proposal.selector as Json];
  return { realmId, bindingId, revision, policy, hash, config, mode, selector, noticeMs: Number(proposal.noticeMs) };
}

function throwFailure<T extends object>(answer: T | Failure): T {
  if (isFailure(answer)) throw badUserInput(answer.message, answer.path === null ? undefined : [...answer.path]);
  return answer;
}
