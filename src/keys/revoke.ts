import { actorOf, type Actor } from '../domain/event.ts';
import type { EventData } from '../domain/event-detail.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { hasCome } from '../domain/key.ts';
import { badUserInput, unauthenticated } from '../domain/request-error.ts';
import { dayOf } from '../domain/usage-day.ts';
import { parsePresentedSecret } from '../domain/secret.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { isRevocable } from './action-checks.ts';
import { liveKeys } from './live-keys.ts';
import { bringUpToDate, lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { eventSubjectOf } from './key-row.ts';
import { lockKey } from './lock-key.ts';
import { writeUse } from './write-use.ts';

/** How many live children KEY_REVOKED names. The list of keys filtered by parent has all of them. */
const MAX_CHILDREN = 100;

/** At most one of `keyId` and `secret`. Neither: the calling key itself. */
export interface RevokeKeyInput {
  readonly keyId?: string | null;
  /** A whole secret that has not retired: its holder may revoke the key without signing in. */
  readonly secret?: Sensitive<string> | null;
  readonly reason: string;
}

interface Target {
  readonly key: LockedKey;
  readonly actor: Actor;
}

/** Revokes a key: it ends for good, at once. A key that is already revoked keeps its first reason. */
export const revokeKey = useCase<RevokeKeyInput, Target, { readonly keyId: string }>()({
  name: 'revokeKey',
  guessable: ['secret'],

  async authorize(change, caller, input) {
    checkText('reason', input.reason, LONGEST_REASON);
    if (input.keyId != null && input.secret != null)
      throw badUserInput('Found both keyId and secret; expected at most one.');
    if (input.secret != null) return lockKeyBySecret(change, input.secret);
    if (caller.kind === 'ANONYMOUS') throw unauthenticated('Sign in, or give the secret of the key to revoke.');
    const key = await lockKeyForCaller(change, caller, input.keyId, 'REVOKE');
    return isFailure(key) ? key : { key, actor: actorOf(caller) };
  },

  async run(change, caller, input, { key, actor }) {
    // The holder of a whole secret need not be the caller.
    const isChange = input.secret == null ? isRevocable(caller, key) : key.revokedAt === null;
    if (!isChange) return { keyId: key.id };
    await writeRevocation(change, key, actor, input.reason);
    return { keyId: key.id };
  },
});

/** Writes the revocation of a locked key and records KEY_REVOKED with its live children and `more` data. */
export async function writeRevocation(
  change: Change,
  key: LockedKey,
  actor: Actor,
  reason: string,
  more: EventData<'KEY_REVOKED'> = {},
): Promise<void> {
  const { now } = key;
  const data = { ...more, ...(await findLiveChildren(change, key)) };
  change.rows.update('Key', { id: key.id, revokedAt: now, reviewAt: null });
  change.rows.delete('WaitingStop', 'keyId', key.id);
  change.record({ type: 'KEY_REVOKED', at: now, ...eventSubjectOf(key), actor, reason, data });
}

/** Finds the live keys that a key issued: they stay valid, and are to be checked next if the key leaked. */
async function findLiveChildren({ tx, writeRows }: Change, { id, now }: LockedKey): Promise<{ children?: string[] }> {
  const where = { parentId: id, ...liveKeys(now) };
  await writeRows();
  const rows = await tx.key.findMany({ where, select: { id: true }, orderBy: { id: 'asc' }, take: MAX_CHILDREN });
  return rows.length === 0 ? {} : { children: rows.map((row) => row.id) };
}

async function lockKeyBySecret(
  change: Change,
  text: Sensitive<string>,
): Promise<Target | Failure<'KeyNotFound' | 'KeyNotActive'>> {
  const secret = parsePresentedSecret(text.reveal());
  const row = secret && (await change.tx.secret.findUnique({ where: { digest: Buffer.from(secret.digest()) } }));
  const locked = row && (await lockKey(change.tx, row.keyId));
  const key = locked && (await bringUpToDate(change, locked));
  const presented = key?.secrets.find(({ id }) => id === row?.id);
  const path = ['input', 'secret'];
  if (!key || !presented)
    return fail('KeyNotFound', 'No key has this secret.', { path, remedy: 'Check that it was copied completely.' });
  if (hasCome(presented.retiresAt, key.now)) {
    const { id: secretId, keyId } = presented;
    const nowMs = key.now.getTime();
    await writeUse(
      change,
      [{ secretId, keyId, consumer: '', day: dayOf(nowMs), firstMs: nowMs, lastMs: nowMs, useCount: 0 }],
      {
        mayBeUnderWay: false,
      },
    );
    const retired = presented.retiresAt?.toISOString() ?? '';
    return fail('KeyNotActive', `This secret retired at ${retired} and can no longer revoke its key.`, {
      path,
      remedy: 'Send the newer secret, or let its owner sign in and revoke the key.',
      details: { state: null },
    });
  }
  return { key, actor: { kind: 'KEY', id: key.id, name: key.name } };
}
