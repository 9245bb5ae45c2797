import { hash } from 'node:crypto';
import type { ChangePreview } from '../../prisma/generated/client/client.ts';
import { isSameDigest } from '../domain/secret.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Caller } from '../domain/caller.ts';
import { MINUTE_MS } from '../domain/duration.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { addMs, hasCome } from '../domain/key.ts';
import { Sensitive } from '../domain/sensitive.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import type { Core } from '../store/core.ts';
import type { ChangeKeysInput } from './change-request.ts';
import type { FoundKeys } from './change-scope.ts';

/** How long the confirmation token of a dry run is valid. */
const CONFIRMATION_MS = 15 * MINUTE_MS;

const TOKEN_BYTES = 32;

/** A dry run that found keys, and the token that confirms it. */
export interface PreviewedKeys {
  readonly [fact: string]: string | Date | Delivery;
  readonly previewId: string;
  readonly expiresAt: Date;
  readonly delivery: Delivery;
}

/** A dry run that a caller confirms. The ids of its keys stay in the database. */
export type LockedPreview = Omit<ChangePreview, 'keyIds'> & { readonly keyCount: number };

/** Stores the keys that a dry run found. The database holds only a digest of the confirmation token. */
export async function storePreview(
  { tx, core, now }: Change,
  accountId: string,
  input: ChangeKeysInput,
  { ids, leavesOutNoKey }: FoundKeys,
): Promise<PreviewedKeys> {
  const createdAt = now();
  const id = newId('preview', createdAt, core.random);
  const token = Buffer.from(core.random(TOKEN_BYTES)).toString('base64url');
  const expiresAt = addMs(createdAt, CONFIRMATION_MS);
  await tx.changePreview.create({
    data: {
      id,
      digest: digestOf(token),
      accountId,
      inputDigest: fingerprintOf(core, input),
      keyIds: ids,
      leavesOutNoKey,
      createdAt,
      expiresAt,
    },
    select: { id: true },
  });
  return { previewId: id, expiresAt, delivery: { of: id, text: new Sensitive(token) } };
}

/**
 * Locks and returns the dry run that a caller confirms. Returns a failure unless the same person made it, of the same
 * change, at most 15 minutes ago, and has not confirmed it yet.
 */
export async function lockPreview(
  { tx, core, now }: Change,
  caller: Caller,
  input: ChangeKeysInput,
  confirmation: Sensitive<string>,
): Promise<LockedPreview | Failure<'ConfirmationNotValid'>> {
  const notValid = (found: string) => fail('ConfirmationNotValid', found, { path: ['input', 'confirmation'] });
  const digest = digestOf(confirmation.reveal());
  const [locked] = await tx.$queryRaw<{ keyCount: number }[]>`
    SELECT cardinality("keyIds") AS "keyCount" FROM "ChangePreview" WHERE digest = ${digest} FOR NO KEY UPDATE`;
  const preview = await tx.changePreview.findUnique({ where: { digest }, omit: { keyIds: true } });
  // A token of another person gets this answer too, as if it did not exist.
  if (locked === undefined || preview === null || caller.kind !== 'ACCOUNT' || preview.accountId !== caller.id) {
    return notValid('No dry run of yours has this confirmation.');
  }
  if (preview.usedAt !== null) return notValid('The confirmation was used: each starts one operation.');
  if (hasCome(preview.expiresAt, now())) {
    return notValid(`The confirmation expired at ${preview.expiresAt.toISOString()}.`);
  }
  if (!isSameDigest(preview.inputDigest, fingerprintOf(core, input))) {
    return notValid('The dry run was of another change: realm, filter, change and its values must be the same.');
  }
  return { ...preview, keyCount: locked.keyCount };
}

function digestOf(token: string): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', token, 'buffer'));
}

/**
 * Returns the digest of everything that the dry run and the confirmed change must have in common. It is keyed with the sealing
 * key: a filter may have the external id of a subject, which could be guessed from a plain digest.
 */
function fingerprintOf({ sealer }: Core, { realm, filter, kind, values }: ChangeKeysInput): Buffer<ArrayBuffer> {
  return sealer.mac('change-preview', canonicalJson({ realm, filter, kind, values }));
}
