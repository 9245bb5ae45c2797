import type { Realm } from '../../prisma/generated/client/client.ts';
import { newId } from '../domain/id.ts';
import type { ChosenExpiry } from '../domain/life.ts';
import type { Scope } from '../domain/scope.ts';
import type { Change } from '../log/change.ts';
import type { EvaluatedKey } from '../policies/evaluated-key.ts';
import { knownKeyOf, type KeyFactsRow, type KnownKey } from '../policies/facts.ts';
import type { Core } from '../store/core.ts';
import { evaluateKeyList, type PolicyCore } from './apply-policies.ts';
import type { LabelInput } from './check-labels.ts';
import type { Owner } from './find-owner.ts';
import { countsFrom } from './key-restrictions.ts';

/** What the caller or rule decides about a new key; its life is decided by policy. */
interface KeyInput {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly labels: readonly LabelInput[];
  /** The key that issues it; null: not issued by a key. */
  readonly parentId: string | null;
  /** From when on it is valid; null: from its issue on. */
  readonly notBefore?: Date | null;
}

/**
 * Returns new keys in the form in which policies evaluate them, before they are written. All are of one instant. The
 * rehearsal and all attempts at a change get the same drafts for the same inputs, so that the verdicts on them stay valid.
 */
export function draftKeys(change: Change, inputs: readonly KeyInput[]): readonly KeyDraft[] {
  // The inputs are made in the same way each time: their fields are in the same order.
  return change.share(`drafts of ${JSON.stringify(inputs)}`, () => {
    const now = change.now();
    return inputs.map((input) => createDraft(change.core, input, now));
  });
}

/** Returns the draft of a single key, as `draftKeys` does. */
export function draftKey(change: Change, input: KeyInput): KeyDraft {
  const [draft] = draftKeys(change, [input]);
  if (draft === undefined) throw new Error('no key was drafted');
  return draft;
}

function createDraft(core: Core, { name, scopes, labels, parentId, notBefore = null }: KeyInput, now: Date) {
  const from = countsFrom({ notBefore }, now);
  return {
    id: newId('key', now, core.random),
    name,
    scopes,
    labels,
    parentId,
    createdAt: now,
    notBefore,
    grantedAt: from,
    activeAt: from,
    renewedAt: null,
    renewalCount: 0,
    lastUsedAt: null,
    chosenExpiresAt: null,
    lifetimeMs: null,
    secrets: [{ generation: 1, createdAt: now, firstUsedAt: null, retiresAt: null }],
  };
}

export type KeyDraft = ReturnType<typeof createDraft>;

/** A drafted key with the life that was chosen for it. */
export interface NewLife {
  readonly draft: KeyDraft;
  readonly realm: Pick<Realm, 'id'>;
  readonly owner: Owner;
  readonly chosen: ChosenExpiry;
  readonly tokenRuleId: string | null;
}

/** Returns what policies evaluate of a new key besides its own facts. */
export function newKeyEvaluation(realmId: string, owner: Owner) {
  const ownerFacts = owner.kind === 'subject' ? owner.made?.facts : undefined;
  return { ownerId: owner.id, ...(ownerFacts && { ownerFacts }), realmId, promise: 'NEW', previous: [] } as const;
}

/** A new key as far as its facts follow from it, without the life that is chosen for it. */
type DraftedRow = Omit<KeyFactsRow, keyof ChosenExpiry>;

const knownByDraft = new WeakMap<DraftedRow, readonly KnownKey[]>();

/** Returns the facts of a new key with the life that was chosen for it: the same object for the same draft and life. */
export function knownDraftOf(draft: DraftedRow, { chosenExpiresAt, lifetimeMs }: ChosenExpiry): KnownKey {
  const before = knownByDraft.get(draft) ?? [];
  const expiresAtMs = chosenExpiresAt?.getTime() ?? null;
  const known = before.find(({ key }) => key.chosenExpiresAt === expiresAtMs && key.lifetime === lifetimeMs);
  if (known !== undefined) return known;
  const made = knownKeyOf({ ...draft, ...storedLife({ chosenExpiresAt, lifetimeMs }) });
  knownByDraft.set(draft, [...before, made]);
  return made;
}

/** Returns the columns of a chosen expiry. */
export function storedLife({ chosenExpiresAt, lifetimeMs }: ChosenExpiry) {
  return { chosenExpiresAt, lifetimeMs: lifetimeMs === null ? null : BigInt(lifetimeMs) };
}

/** Evaluates the policies of new keys with the lives that were chosen for them, at the instant of their drafts. Writes nothing. */
export function evaluateNewKeys(
  change: Change<PolicyCore>,
  lives: readonly NewLife[],
): Promise<readonly EvaluatedKey[]> {
  const inputs = lives.map(({ draft, realm, owner, chosen }) => ({
    ...newKeyEvaluation(realm.id, owner),
    known: knownDraftOf(draft, chosen),
  }));
  return evaluateKeyList(change, inputs, lives[0]?.draft.createdAt ?? change.now());
}

/** Evaluates a single new key, as `evaluateNewKeys` does. */
export async function evaluateNewKey(change: Change<PolicyCore>, life: NewLife): Promise<EvaluatedKey> {
  const [only] = await evaluateNewKeys(change, [life]);
  if (only === undefined) throw new Error('the evaluation returned no result for the key');
  return only;
}

/** Returns a new key as policies evaluate it with the life that was chosen for it. */
export function lifeOf(draft: KeyDraft, chosen: ChosenExpiry, tokenRuleId: string | null) {
  return { ...draft, ...storedLife(chosen), tokenRuleId, standing: 'ACTIVE' as const, rotation: null };
}
