import { canonicalJson } from '../domain/canonical-json.ts';
import { Prisma, type Realm } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../domain/event.ts';
import type { EventData } from '../domain/event-detail.ts';
import { newId } from '../domain/id.ts';
import type { ChosenExpiry } from '../domain/life.ts';
import type { Scope } from '../domain/scope.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import { knownKeyOf } from '../policies/facts.ts';
import type { LabelInput } from './check-labels.ts';
import type { NewSecret } from './create-secret.ts';
import { countsFrom } from './key-restrictions.ts';
import type { Owner } from './find-owner.ts';
import { noteColumns, type KeyNotes } from './key-notes.ts';
import { ownerColumnsOf } from './key-row.ts';
import type { EvaluatedKey } from '../policies/evaluate-policies.ts';
import { insertRows } from '../store/json-rows.ts';
import { serializeVerdicts } from '../policies/stored-verdicts.ts';
import { verdictColumns, evaluateKey, type PolicyCore } from './apply-policies.ts';

export type KeyIssuance = { readonly keyId: string; readonly delivery: Delivery };

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
 * Returns a new key in the form in which policies evaluate it, before it is written. The rehearsal and all attempts at a
 * change get the same draft for the same input, so that the verdicts on it stay valid.
 */
export function draftKey(change: Change, input: KeyInput) {
  return change.share(`draft of ${canonicalJson(input)}`, () => createDraft(change, input));
}

function createDraft(change: Change, { name, scopes, labels, parentId, notBefore = null }: KeyInput) {
  const now = change.now();
  const from = countsFrom({ notBefore }, now);
  const { core } = change;
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

type KeyDraft = ReturnType<typeof draftKey>;

/** Who or what issues a key: an account, a key (its parent), or a rule that exchanged a token. */
interface KeyOrigin {
  readonly issuedById: string | null;
  /** The key with keytide:manage that issues it for a subject. It is not the key's parent. */
  readonly managerId?: string | null;
  readonly tokenRuleId: string | null;
  readonly actor: Actor;
  /** Added to the data of KEY_ISSUED. */
  readonly eventData?: Pick<EventData<'KEY_ISSUED'>, 'issuerId' | 'ruleId' | 'issuer' | 'omittedLabels'>;
}

interface KeyCreation {
  readonly realm: Pick<Realm, 'id'>;
  readonly owner: Owner;
  readonly chosen: ChosenExpiry;
  readonly secret: NewSecret;
  readonly origin: KeyOrigin;
  readonly evaluated: EvaluatedKey;
  readonly notes?: KeyNotes;
  /** Ranges in canonical form. Empty: from anywhere. */
  readonly allowedAddresses?: readonly string[];
}

/** Returns what policies evaluate of a new key besides its own facts. */
export function newKeyEvaluation(realmId: string, owner: Owner) {
  const ownerFacts = owner.kind === 'subject' ? owner.made?.facts : undefined;
  return { ownerId: owner.id, ...(ownerFacts && { ownerFacts }), realmId, promise: 'NEW', previous: [] } as const;
}

/** Evaluates the policies of a new key with the life that was chosen for it. Writes nothing. */
export function evaluateNewKey(
  change: Change<PolicyCore>,
  draft: KeyDraft,
  {
    realm,
    owner,
    chosen,
    tokenRuleId,
  }: Pick<KeyCreation, 'realm' | 'owner' | 'chosen'> & { tokenRuleId: string | null },
): Promise<EvaluatedKey> {
  const input = newKeyEvaluation(realm.id, owner);
  return evaluateKey(change, { ...input, known: knownKeyOf(lifeOf(draft, chosen, tokenRuleId)) }, draft.createdAt);
}

function lifeOf(draft: KeyDraft, { chosenExpiresAt, lifetimeMs: chosenMs }: ChosenExpiry, tokenRuleId: string | null) {
  const lifetimeMs = chosenMs === null ? null : BigInt(chosenMs);
  return { ...draft, chosenExpiresAt, lifetimeMs, tokenRuleId, standing: 'ACTIVE' as const, rotation: null };
}

/**
 * Creates a key of any origin, at the instant of its draft: writes its rows and records KEY_ISSUED. The caller's
 * permissions must have been checked.
 */
export async function createKey(
  change: Change<PolicyCore>,
  draft: KeyDraft,
  {
    realm,
    owner,
    chosen,
    secret: { secret, text },
    origin: { issuedById, managerId = null, tokenRuleId, actor, eventData },
    evaluated,
    notes,
    allowedAddresses = [],
  }: KeyCreation,
): Promise<KeyIssuance> {
  const { id: keyId, name, scopes, labels, parentId, notBefore, grantedAt, activeAt, createdAt: now } = draft;
  const { chosenExpiresAt, lifetimeMs, ...life } = lifeOf(draft, chosen, tokenRuleId);
  const columns = verdictColumns({ ...life, chosenExpiresAt }, evaluated, now);
  const secretId = newId('secret', now, change.core.random);
  const key = {
    id: keyId,
    realmId: realm.id,
    ...ownerColumnsOf(owner),
    issuedById,
    parentId,
    managerId,
    tokenRuleId,
    name,
    ...noteColumns(notes ?? {}),
    scopes: scopes.map(({ action, resource }) => ({ action, resource })),
    ...(allowedAddresses.length > 0 && { allowedAddresses: [...allowedAddresses] }),
    createdAt: now,
    notBefore,
    grantedAt,
    activeAt,
    chosenExpiresAt,
    lifetimeMs,
    ...columns,
  } satisfies Prisma.KeyUncheckedCreateInput;
  const digest = `\\x${Buffer.from(secret.digest()).toString('hex')}`;
  const secretRow = { id: secretId, keyId, generation: 1, digest, start: secret.start, createdAt: now };
  await insertKey(change.tx, {
    key,
    secret: secretRow,
    labels: labels.map(({ name, value }) => ({ keyId, name, value })),
    judgement: { keyId, verdicts: serializeVerdicts(evaluated.verdicts), judgedAt: now },
  });
  change.record({
    type: 'KEY_ISSUED',
    at: now,
    keyId,
    realmId: realm.id,
    ownerId: owner.id,
    actor,
    data: {
      expiresAt: columns.expiresAt?.toISOString() ?? null,
      stopsAt: columns.stopsAt?.toISOString() ?? null,
      basis: columns.stopsBasis,
      ...(notBefore !== null && { notBefore: notBefore.toISOString() }),
      ...eventData,
    },
  });
  return { keyId, delivery: { of: secretId, text } };
}

/** The rows of a new key, with the names of their columns. */
interface NewRows {
  readonly key: object;
  readonly secret: object;
  readonly labels: readonly object[];
  readonly judgement: object;
}

/** Inserts the rows of a new key in one statement. */
async function insertKey(tx: Change['tx'], { key, secret, labels, judgement }: NewRows): Promise<void> {
  const withLabels = labels.length === 0 ? Prisma.empty : Prisma.sql`, labels AS (${insertRows('Label', labels)})`;
  await tx.$executeRaw`
    WITH key AS (${insertRows('Key', [key])}), secret AS (${insertRows('Secret', [secret])}) ${withLabels}
    ${insertRows('Judgement', [judgement])}`;
}
