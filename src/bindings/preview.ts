import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Binding, Prisma } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { MINUTE_MS } from '../domain/duration.ts';
import type { Json } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { addMs, hasCome } from '../domain/key.ts';
import { badUserInput, forbidden, RequestError, unavailable } from '../domain/request-error.ts';
import { selects, type Selector } from '../domain/selector.ts';
import { evaluateBindings } from '../policies/evaluate-policies.ts';
import { selectableKeyOf } from '../policies/evaluation-input.ts';
import { realmPoliciesInclude, type RealmPolicies } from '../policies/realm-policies.ts';
import { readSelector } from '../policies/revisions.ts';
import type { Transaction } from '../store/core.ts';
import type { BindingCore, BindingMode } from './bind.ts';
import { checkEffectiveAt, checkSelector, findModule, refuseConfig, storeSelector } from './check-binding.ts';
import { FindingCounts } from './count-findings.ts';
import { PreviewCounts, type PolicyPreview, type StopEffect } from './count-preview.ts';
import { loadExchangingOwners, loadInputs, loadUseDays, type LoadedInput } from './load-inputs.ts';
import { newBindingRow } from './new-binding-row.ts';
import { makePreviewToken } from './preview-token.ts';
import { stopEffectOf } from './stop-effect.ts';
import { reviseSettings } from './update.ts';

export interface PreviewPolicyInput {
  /** The realm's slug. */
  readonly realm: string;
  /** The binding to change; null: a new one. */
  readonly bindingId?: string | null;
  readonly policy?: string | null;
  /** The hash of the module version. Null: the version that the binding has, or the current one for a new binding. */
  readonly hash?: string | null;
  readonly config?: Json;
  readonly selector?: Selector | null;
  readonly mode?: BindingMode | null;
  readonly noticeMs?: number | null;
  /** When the binding would take effect; null: now. */
  readonly effectiveAt?: Date | null;
  /** Whether to preview the removal of the binding. */
  readonly remove?: boolean | null;
}

const BATCH = 1_000;
const COUNTS_PER_TURN = 50;
/** The time limit of a preview. It is enough for more than a million keys. */
const LIMIT_MS = 15 * MINUTE_MS;

/**
 * Previews the effect of a binding on the keys of its realm: evaluates them as a review does, and writes nothing. Each
 * page of keys is read as it then is: no transaction stays open while policies are evaluated.
 */
export async function previewPolicy(
  core: BindingCore,
  caller: Caller,
  input: PreviewPolicyInput,
): Promise<PolicyPreview> {
  const { realm, proposal, now } = await readProposal(core, caller, input);
  const tx = core.prisma;
  const endsAt = addMs(now, LIMIT_MS);
  const asOf = input.effectiveAt ?? now;
  const changed = { ...realm, bindings: bindingsWith(realm, proposal, input.remove === true) };
  const selector = readSelector(proposal.selector as Json);
  const counts = new PreviewCounts(now, (key) => selector === null || selects(selector, selectableKeyOf(key)));
  const findings = new FindingCounts(await loadExchangingOwners(tx, realm.id));
  const realms = new Map([[realm.id, changed]]);
  const evaluateBatch = async (after: string) => {
    const batch = await loadInputs(tx, changed, after, BATCH);
    const inputs = batch.map(({ input }) => input);
    return {
      batch,
      ...(await evaluateBindings(core.policies, tx, realms, inputs, now, { asOf, draftId: proposal.id })),
    };
  };
  let evaluated = await evaluateBatch('');
  for (let last = evaluated.batch.at(-1); last !== undefined; last = evaluated.batch.at(-1)) {
    if (hasCome(endsAt, core.clock.now())) throw unavailable('The preview takes too long. Try again.');
    // A batch is counted while the policy process evaluates the next one.
    [evaluated] = await Promise.all([
      evaluateBatch(last.input.known.key.id),
      countBatch({ tx, counts, findings }, realm, proposal.id, evaluated),
    ]);
  }
  return counts.preview(
    makePreviewToken(core.sealer, previewedChangeOf(realm.id, proposal, input), counts.nearerCount, now),
    findings.list(),
  );
}

/**
 * Checks the input of a preview, and returns the binding as the change would leave it. Its realm is as it is now.
 *
 * @throws BAD_USER_INPUT if the change is not possible, FORBIDDEN if the caller is not an administrator of the realm.
 */
export async function readProposal(
  core: BindingCore,
  caller: Caller,
  input: PreviewPolicyInput,
): Promise<{ readonly realm: RealmPolicies; readonly proposal: Binding; readonly now: Date }> {
  checkSelector(input.selector ?? null);
  const where = { slug: input.realm };
  const realm = await core.prisma.realm.findUnique({ where, include: realmPoliciesInclude });
  if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) {
    throw badUserInput('realm: there is no realm with this slug that you can see.', ['input', 'realm']);
  }
  if (!may(caller, 'realm.manage', { realmId: realm.id })) throw forbidden('Only administrators may preview policies.');
  const now = core.clock.now();
  checkEffectiveAt(input.effectiveAt ?? null, now);
  return { realm, proposal: throwFailure(await buildProposal(core, realm, input, now)), now };
}

/** Counts an evaluated batch. Yields to the event loop in between, so that the evaluation of the next batch goes on. */
async function countBatch(
  { tx, counts, findings }: { tx: Transaction; counts: PreviewCounts; findings: FindingCounts },
  realm: RealmPolicies,
  bindingId: string,
  {
    batch,
    evaluated,
    reports,
  }: { readonly batch: readonly LoadedInput[] } & Awaited<ReturnType<typeof evaluateBindings>>,
): Promise<void> {
  const evaluatedByInput = new Map(evaluated.map((key) => [key.input, key]));
  const shortened: [LoadedInput, StopEffect][] = [];
  for (const [index, loaded] of batch.entries()) {
    if (index % COUNTS_PER_TURN === 0) await nextTurn();
    const evaluated = evaluatedByInput.get(loaded.input);
    if (evaluated === undefined) continue;
    const effect = stopEffectOf(realm, loaded, evaluated, bindingId);
    counts.add(loaded, effect);
    if (effect.isNearer) shortened.push([loaded, effect]);
  }
  await lintBatch(tx, findings, shortened);
  counts.skippedCount += evaluated.filter(({ isIncomplete }) => isIncomplete).length;
  for (const { binding, failedKeys } of reports) if (binding.id === bindingId) counts.faults.add(failedKeys);
}

/** Adds the shortened keys of a batch to the findings. Their days of use are read in one statement. */
async function lintBatch(
  tx: Transaction,
  findings: FindingCounts,
  shortened: readonly (readonly [LoadedInput, StopEffect])[],
): Promise<void> {
  const days = await loadUseDays(
    tx,
    shortened.map(([{ input }]) => input.known.key.id),
  );
  for (const [{ input, isSelfRenewing }, { after, basis, raw }] of shortened) {
    const { key, use } = input.known;
    if (after === null || basis === null) continue;
    findings.add({
      keyId: key.id,
      ownerId: input.ownerId,
      at: after,
      basis,
      raw,
      activeAt: new Date(use.activeAt),
      isSelfRenewing,
      days: days.get(key.id) ?? [],
    });
  }
}

/** Returns the binding as the previewed change would leave it. */
async function buildProposal(
  core: BindingCore,
  realm: RealmPolicies,
  input: PreviewPolicyInput,
  now: Date,
): Promise<Binding | Failure> {
  const present = input.bindingId == null ? null : realm.bindings.find(({ id }) => id === input.bindingId);
  if (present === undefined) {
    return fail('BindingNotFound', 'No policy is bound in this realm under this id.', { path: ['input', 'bindingId'] });
  }
  if (present === null && (input.policy == null || input.remove === true)) {
    throw badUserInput('Expected the bindingId of a binding to change or remove, or the policy of a new binding.', [
      'input',
      'policy',
    ]);
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

function bindingsWith(realm: RealmPolicies, proposal: Binding, isRemoved: boolean): readonly Binding[] {
  const others = realm.bindings.filter(({ id }) => id !== proposal.id);
  return isRemoved ? others : [...others, proposal];
}

/** Returns what the preview token is bound to. The mutation computes the same from its input. */
function previewedChangeOf(realmId: string, proposal: Binding, input: PreviewPolicyInput) {
  const { policy, hash, mode, revision } = proposal;
  const bindingId = input.bindingId ?? null;
  const [config, selector] = [proposal.config as Json, proposal.selector as Json];
  return { realmId, bindingId, revision, policy, hash, config, mode, selector, noticeMs: Number(proposal.noticeMs) };
}

/** Returns a result, or throws its failure as an error with the same details: a query has no failures as data. */
function throwFailure<T extends object>(result: T | Failure): T {
  if (isFailure(result)) {
    const { message, path, details } = result;
    throw new RequestError('BAD_USER_INPUT', message, { ...(path !== null && { path }), ...details });
  }
  return result;
}
