import { hash } from 'node:crypto';
import { formOf } from '../../domain/credential-form.ts';
import { checkText } from '../../domain/check-text.ts';
import { actorOf } from '../../domain/event.ts';
import { fail, type Failure } from '../../domain/failure.ts';
import { compileForeignPattern, FOREIGN_SECRET_MAX } from '../../domain/foreign-pattern.ts';
import { may } from '../../domain/permission.ts';
import { badUserInput, forbidden } from '../../domain/request-error.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Change } from '../../log/change.ts';
import { useCase } from '../../log/use-case.ts';
import { foreignDigestsOf, storedForeignDigest } from '../foreign-digests.ts';
import { realmNotFound } from '../issue-rows.ts';
import { eventSubjectOf, ownerIdOf, type OwnerColumns } from '../key-row.ts';
import { ANY_SUBJECT } from '../subject-owner.ts';
import { lockAdoption } from './lock-imports.ts';
import { EXTERNAL_KEY_ID_MAX, SOURCE_MAX } from './import-row.ts';

export interface AdoptKeyInput {
  /** The realm's slug. */
  readonly realm: string;
  /** A whole secret that the caller has checked against the salted digest of its own system. */
  readonly secret: Sensitive<string>;
  /** What the row of the import named the key. */
  readonly source: string | null;
  readonly externalKeyId: string;
}

interface AnnouncedKey extends OwnerColumns {
  readonly id: string;
  readonly realmId: string;
  readonly adoptedAt: Date | null;
}

interface AdoptTarget {
  readonly key: AnnouncedKey;
  /** How the secret is stored; null: the realm does not accept its form. */
  readonly stored: ReturnType<typeof storedForeignDigest> | null;
  /** All digests of the secret in the realm. */
  readonly candidates: readonly Buffer[];
}

/**
 * Gives a key that an import has announced by a salted digest its secret, at the first use of the secret. The caller, the backend of the API,
 * has checked the secret against the digest. From then on the secret verifies here. The same secret again changes nothing.
 */
export const adoptKey = useCase<AdoptKeyInput, AdoptTarget, { readonly keyId: string }>()({
  name: 'adoptKey',
  guessable: ['secret'],

  async authorize(change, caller, input) {
    if (input.source !== null) checkText('source', input.source, SOURCE_MAX);
    checkText('externalKeyId', input.externalKeyId, EXTERNAL_KEY_ID_MAX);
    const { tx, core } = change;
    const realm = await tx.realm.findUnique({ where: { slug: input.realm } });
    if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) return realmNotFound();
    if (!may(caller, 'key.adopt', { realmId: realm.id, ownerId: ANY_SUBJECT }))
      throw forbidden('Only administrators, and keys with the scope keytide:manage, may adopt keys.');
    const text = input.secret.reveal().trim();
    if (text === '') throw badUserInput('secret: found nothing; expected a secret.', ['input', 'secret']);
    const digest = hash('sha256', text, 'buffer');
    const { foreignPattern: pattern, foreignRandomBits: randomBits } = realm;
    const isAccepted =
      text.length <= FOREIGN_SECRET_MAX &&
      formOf(text) === 'FOREIGN' &&
      pattern !== null &&
      compileForeignPattern(pattern).test(text);
    const key = await lockAnnounced(change, caller, realm.id, input, digest);
    if (key === null) {
      const found = 'No import has announced a key with this source and id that you may adopt.';
      return fail('KeyNotFound', found, { path: ['input', 'key'], remedy: 'Import its row first, or check both.' });
    }
    return {
      key,
      stored: isAccepted && randomBits !== null ? storedForeignDigest(core, realm.id, digest, randomBits) : null,
      candidates: [digest, ...Object.values(foreignDigestsOf(core, realm.id, digest))],
    };
  },

  async run(change, caller, _input, { key, stored, candidates }) {
    const digests = candidates.map((each) => new Uint8Array(each));
    const holder = await change.tx.secret.findFirst({ where: { digest: { in: digests } }, select: { keyId: true } });
    if (key.adoptedAt !== null) return holder?.keyId === key.id ? { keyId: key.id } : alreadyAdopted();
    // A secret that another key has is refused like one of another form.
    if (stored === null || holder !== null) return secretNotAccepted();
    const now = change.now();
    await change.tx.$executeRaw`
      WITH secret AS (
        UPDATE "Secret" SET digest = ${stored.digest}, form = ${stored.form}::"SecretForm"
        WHERE "keyId" = ${key.id} AND generation = 1
      )
      UPDATE "KeyImport" SET "adoptedAt" = ${now} WHERE "keyId" = ${key.id}`;
    const data = { generation: 1 };
    change.record({ type: 'KEY_ADOPTED', at: now, ...eventSubjectOf(key), actor: actorOf(caller), data });
    return { keyId: key.id };
  },
});

/** Finds and locks the announced key of a row of an import; null: there is none that the caller may adopt. */
async function lockAnnounced(
  { tx }: Change,
  caller: Caller,
  realmId: string,
  { source, externalKeyId }: AdoptKeyInput,
  digest: Buffer,
): Promise<AnnouncedKey | null> {
  await lockAdoption(tx, realmId, digest);
  const [key] = await tx.$queryRaw<AnnouncedKey[]>`
    SELECT k.id, k."realmId", k."accountId", k."organizationId", k."subjectId", i."adoptedAt"
    FROM "KeyImport" i JOIN "Key" k ON k.id = i."keyId"
    WHERE i."realmId" = ${realmId} AND i."externalKeyId" = ${externalKeyId} AND i."isAnnounced"
      AND (i.source = ${source} OR ${source}::text IS NULL AND i.source IS NULL)
    FOR NO KEY UPDATE`;
  return key !== undefined && may(caller, 'key.adopt', { realmId, ownerId: ownerIdOf(key), keyId: key.id })
    ? key
    : null;
}

function alreadyAdopted(): Failure<'AlreadyAdopted'> {
  return fail('AlreadyAdopted', 'The key was adopted with another secret.', { path: ['input', 'secret'] });
}

function secretNotAccepted(): Failure<'SecretNotAccepted'> {
  return fail('SecretNotAccepted', 'The realm does not accept this secret for this key.', {
    path: ['input', 'secret'],
  });
}
