import type { Realm } from '../../../prisma/generated/client/client.ts';
import type { Caller } from '../../domain/caller.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { checkText, LONGEST_REASON } from '../../domain/check-text.ts';
import { parseSha256 } from '../../domain/imported-digest.ts';
import { isSaltedDigest } from '../../domain/salted-digest.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { isReserved, type Scope } from '../../domain/scope.ts';
import type { Core } from '../../store/core.ts';
import { checkLabels, type LabelInput } from '../check-labels.ts';
import { checkScopes } from '../check-scopes.ts';
import { isOwnStart } from './stored-digests.ts';
import { checkDescription, type KeyNotes } from '../key-notes.ts';
import { checkAllowedAddresses, checkNotBefore } from '../key-restrictions.ts';
import { checkSubject, type SubjectInput } from '../subject-owner.ts';
import { RowRefusal } from './refused-row.ts';

/** The longest displayed start of a secret, and the longest name of a source or id in it, in characters. */
const START_MAX = 24;
export const SOURCE_MAX = 100;
export const EXTERNAL_KEY_ID_MAX = 255;

/** The fewest random bits of a secret that is imported: fewer can be guessed from its digest. */
export const RANDOM_BITS_MIN = 80;

export type ImportedKeyState = 'ACTIVE' | 'HELD' | 'REVOKED';

/** A key of another system, as an import gives it. */
export interface ImportedKeyInput extends KeyNotes {
  /** SHA-256 of the secret, as hex, base64 or base64url; or a salted digest, which only announces the key. */
  readonly digest: string;
  readonly start: string | null;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly owner: string | null;
  /** A subject of the realm, instead of `owner`. It is made if there is none with this external id. */
  readonly subject: SubjectInput | null;
  readonly state: ImportedKeyState;
  readonly stateReason: string | null;
  readonly randomBits: number | null;
  readonly labels: readonly LabelInput[];
  readonly createdAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly notBefore: Date | null;
  readonly expiresAt: Date | null;
  readonly allowedAddresses: readonly string[];
  readonly source: string | null;
  readonly externalKeyId: string | null;
}

/** A row that cannot be read, with why. It is refused like a malformed one. */
export interface UnreadableRow {
  readonly problem: string;
}

/** A well-formed row of an import. */
export interface ImportRow extends Omit<ImportedKeyInput, 'digest'> {
  /** SHA-256 of the secret; null: the row announces a key that is adopted at its first use. */
  readonly digest: Uint8Array<ArrayBuffer> | null;
  /** Identifies the values of the row: the same row again changes nothing. */
  readonly rowDigest: Buffer;
}

/** Checks the form of a row. @throws BAD_USER_INPUT; RowRefusal for a foreign secret in a realm that accepts none. */
export function readImportRow(
  { sealer }: Pick<Core, 'sealer'>,
  caller: Caller,
  input: ImportedKeyInput | UnreadableRow,
  realm: Realm,
  now: Date,
): ImportRow {
  if ('problem' in input) throw badUserInput(input.problem);
  const digest = parseSha256(input.digest);
  if (digest === null && !isSaltedDigest(input.digest)) throw malformedDigest();
  const { name, start, scopes, labels, owner, subject, state, stateReason, source, externalKeyId, randomBits } = input;
  checkText('name', name, 100);
  checkDescription(input);
  checkScopes(scopes);
  const reserved = scopes.findIndex(({ action }) => isReserved(action));
  if (reserved >= 0) {
    const found = `scopes[${reserved}]: found ${scopes[reserved]?.action}; an imported key has actions of the realm only.`;
    throw badUserInput(found, ['input', 'scopes', String(reserved)]);
  }
  checkLabels(caller, labels, []);
  if (start !== null) checkText('start', start, START_MAX);
  if (source !== null) checkText('source', source, SOURCE_MAX);
  if (externalKeyId !== null) checkText('externalKeyId', externalKeyId, EXTERNAL_KEY_ID_MAX);
  if (subject !== null) checkSubject(caller, subject);
  else if (owner === null) {
    throw badUserInput('owner: found nothing; expected the id of an owner, or ownerOf.', ['input', 'owner']);
  }
  checkNotBefore(input.notBefore, now);
  const allowedAddresses = checkAllowedAddresses(input.allowedAddresses);
  if (state !== 'ACTIVE' && stateReason === null)
    throw badUserInput(`stateReason: found nothing; expected why the key is ${state}.`, ['input', 'stateReason']);
  if (stateReason !== null) checkText('stateReason', stateReason, LONGEST_REASON);
  if (digest === null && externalKeyId === null) {
    const found = 'externalKeyId: found nothing; expected an id, by which adoptKey finds a key with a salted digest.';
    throw badUserInput(found, ['input', 'externalKeyId']);
  }
  const isOwn = digest !== null && isOwnStart(realm, start);
  if (!isOwn && realm.foreignRandomBits === null) {
    const message =
      'The realm accepts only secrets of its own form. Set foreignSecrets of the realm with updateRealm, or give the start of an own secret: kt_ and 6 digits.';
    throw new RowRefusal('FOREIGN_SECRETS_NOT_ACCEPTED', message);
  }
  const leastBits = Math.max(RANDOM_BITS_MIN, isOwn ? 0 : (realm.foreignRandomBits ?? 0));
  if (randomBits !== null && randomBits < leastBits)
    throw badUserInput(`randomBits: found ${randomBits}; expected at least ${leastBits}.`, ['input', 'randomBits']);
  checkMoments(input, now);
  // A MAC: from a plain digest of the row, the digest of a secret of few random bits could be searched for.
  const rowDigest = sealer.mac('import row', canonicalJson(identityOf(input, digest)));
  return { ...input, allowedAddresses, digest, rowDigest };
}

/** Returns the values that identify a row. A field that is absent does not count, so that fields can be added. */
function identityOf({ subject, notBefore, allowedAddresses, ...input }: ImportedKeyInput, digest: Uint8Array | null) {
  return {
    ...input,
    digest: digest === null ? input.digest.trim() : Buffer.from(digest).toString('hex'),
    ...(subject !== null && { subject }),
    ...(notBefore !== null && { notBefore }),
    ...(allowedAddresses.length > 0 && { allowedAddresses }),
  };
}

/** Why a digest is refused. A digest that another realm has, or that is one of our own secrets, is refused alike. */
export function malformedDigest() {
  return badUserInput('digest: expected the SHA-256 of a foreign secret as hex, base64 or base64url.', [
    'input',
    'digest',
  ]);
}

function checkMoments({ createdAt, lastUsedAt }: ImportedKeyInput, now: Date): void {
  for (const [field, moment] of [
    ['createdAt', createdAt],
    ['lastUsedAt', lastUsedAt],
  ] as const) {
    if (moment !== null && moment > now)
      throw badUserInput(`${field}: found ${moment.toISOString()}; expected an instant in the past.`, ['input', field]);
  }
  if (createdAt !== null && lastUsedAt !== null && lastUsedAt < createdAt) {
    const found = `lastUsedAt: found ${lastUsedAt.toISOString()}, before createdAt; expected an instant after it.`;
    throw badUserInput(found, ['input', 'lastUsedAt']);
  }
}
