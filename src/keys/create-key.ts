import { canonicalJson } from '../domain/canonical-json.ts';
import { Prisma, type Realm } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../domain/event.ts';
import type { EventData } from '../domain/event-detail.ts';
import { newId } from '../domain/id.ts';
import type { ChosenExpiry } from '../domain/life.ts';
import type { Scope } from '../domain/scope.ts';
import type { Change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
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
import { verdictColumns, evaluateKeyList, type PolicyCore } from './apply-policies.ts';

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
 * Returns new keys in the form in which policies evaluate them, before they are written. All are of one instant. The
 * rehearsal and all attempts at a change get the same drafts for the same inputs, so that the verdicts on them stay valid.
 */
export function draftKeys(change: Change, inputs: readonly KeyInput[]): readonly KeyDraft[] {
  return change.share(`drafts of ${canonicalJson(inputs)}`, () => {
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

type KeyDraft = ReturnType<typeof createDraft>;

/** Who or what issues a key: an account, a key (its parent), or a rule that exchanged a token. */
interface KeyOrigin {
  readonly issuedById: string | null;
  /** The key with keytide:manage that issues it for a subject. It is not the key's parent. */
  readonly managerId?: string | null;
  readonly actor: Actor;
  /** Added to the data of KEY_ISSUED. */
  readonly eventData?: Pick<EventData<'KEY_ISSUED'>, 'issuerId' | 'ruleId' | 'issuer' | 'omittedLabels'>;
}

/** A drafted key with the life that was chosen for it. */
interface NewLife {
  readonly draft: KeyDraft;
  readonly realm: Pick<Realm, 'id'>;
  readonly owner: Owner;
  readonly chosen: ChosenExpiry;
  readonly tokenRuleId: string | null;
}

/** A new key that is ready to be written. */
export interface NewKey extends NewLife {
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

/** Evaluates the policies of new keys with the lives that were chosen for them, at the instant of their drafts. Writes nothing. */
export function evaluateNewKeys(
  change: Change<PolicyCore>,
  lives: readonly NewLife[],
): Promise<readonly EvaluatedKey[]> {
  const inputs = lives.map(({ draft, realm, owner, chosen, tokenRuleId }) => ({
    ...newKeyEvaluation(realm.id, owner),
    known: knownKeyOf(lifeOf(draft, chosen, tokenRuleId)),
  }));
  return evaluateKeyList(change, inputs, lives[0]?.draft.createdAt ?? change.now());
}

/** Evaluates a single new key, as `evaluateNewKeys` does. */
export async function evaluateNewKey(change: Change<PolicyCore>, life: NewLife): Promise<EvaluatedKey> {
  const [only] = await evaluateNewKeys(change, [life]);
  if (only === undefined) throw new Error('the evaluation returned no result for the key');
  return only;
}

function lifeOf(draft: KeyDraft, { chosenExpiresAt, lifetimeMs: chosenMs }: ChosenExpiry, tokenRuleId: string | null) {
  const lifetimeMs = chosenMs === null ? null : BigInt(chosenMs);
  return { ...draft, chosenExpiresAt, lifetimeMs, tokenRuleId, standing: 'ACTIVE' as const, rotation: null };
}

/**
 * Creates keys of any origin, at the instant of their drafts: writes their rows in one statement and records KEY_ISSUED
 * of each. The caller's permissions must have been checked.
 */
export async function createKeys(change: Change<PolicyCore>, keys: readonly NewKey[]): Promise<readonly KeyIssuance[]> {
  const written = keys.map((key) => composeRows(change, key));
  await insertKeys(
    change.tx,
    written.map(({ rows }) => rows),
  );
  change.record(...written.map(({ event }) => event));
  return written.map(({ issuance }) => issuance);
}

/** Creates a single key, as `createKeys` does. */
export async function createKey(change: Change<PolicyCore>, key: NewKey): Promise<KeyIssuance> {
  const [only] = await createKeys(change, [key]);
  if (only === undefined) throw new Error('no key was created');
  return only;
}

/** Returns the rows, the event and the result of a new key. */
function composeRows(change: Change, { draft, realm, owner, chosen, tokenRuleId, ...key }: NewKey) {
  const { secret, text } = key.secret;
  const { issuedById, managerId = null, actor, eventData } = key.origin;
  const { id: keyId, name, scopes, labels, parentId, notBefore, grantedAt, activeAt, createdAt: now } = draft;
  const { chosenExpiresAt, lifetimeMs, ...life } = lifeOf(draft, chosen, tokenRuleId);
  const columns = verdictColumns({ ...life, chosenExpiresAt }, key.evaluated, now);
  const secretId = newId('secret', now, change.core.random);
  const row = {
    id: keyId,
    realmId: realm.id,
    ...ownerColumnsOf(owner),
    issuedById,
    parentId,
    managerId,
    tokenRuleId,
    name,
    ...noteColumns(key.notes ?? {}),
    scopes: scopes.map(({ action, resource }) => ({ action, resource })),
    allowedAddresses: [...(key.allowedAddresses ?? [])],
    createdAt: now,
    notBefore,
    grantedAt,
    activeAt,
    chosenExpiresAt,
    lifetimeMs,
    ...columns,
  } satisfies Prisma.KeyUncheckedCreateInput;
  const digest = `\\x${Buffer.from(secret.digest()).toString('hex')}`;
  const rows = {
    key: row,
    secret: { id: secretId, keyId, generation: 1, digest, start: secret.start, createdAt: now },
    labels: labels.map(({ name, value }) => ({ keyId, name, value })),
    judgement: { keyId, verdicts: serializeVerdicts(key.evaluated.verdicts), judgedAt: now },
  };
  const event = {
    type: 'KEY_ISSUED' as const,
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
  };
  return { rows, event, issuance: { keyId, delivery: { of: secretId, text } } };
}

/** The rows of a new key, with the names of their columns. */
export interface NewRows {
  readonly key: object;
  readonly secret: object;
  readonly labels: readonly object[];
  readonly judgement: object;
  /** For an imported key: where it came from, and its holds. */
  readonly imported?: object;
  readonly holds?: readonly object[];
}

/** Inserts the rows of new keys in one statement. */
export async function insertKeys(tx: Change['tx'], keys: readonly NewRows[]): Promise<void> {
  const optional = [
    ['Label', keys.flatMap(({ labels }) => labels)],
    ['KeyImport', keys.flatMap(({ imported }) => imported ?? [])],
    ['Hold', keys.flatMap(({ holds }) => holds ?? [])],
  ] as const;
  const parts = optional
    .filter(([, rows]) => rows.length > 0)
    .map(([table, rows]) => Prisma.sql`, ${Prisma.raw(`"of ${table}"`)} AS (${insertRows(table, rows)})`);
  const rowsOf = (name: 'key' | 'secret' | 'judgement') => keys.map((key) => key[name]);
  await tx.$executeRaw`
    WITH key AS (${insertRows('Key', rowsOf('key'))}), secret AS (${insertRows('Secret', rowsOf('secret'))})
    ${parts.length === 0 ? Prisma.empty : Prisma.join(parts, ' ')}
    ${insertRows('Judgement', rowsOf('judgement'))}`;
}
