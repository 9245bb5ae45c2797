import { actorOf, type Actor, type EventDraft } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { hasCome } from '../domain/key.ts';
import { badUserInput, unauthenticated } from '../domain/request-error.ts';
import { parseSecret } from '../domain/secret.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { mayActAsNewest } from './recheck-caller.ts';
import { liveKeys } from './live-keys.ts';
import { bringUpToDate, lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { lockKey, keyEventFields } from './key-row.ts';
import { writeUse } from './write-use.ts';

/** How many of a key's children its end names; a filter by parent gives all. */
const MAX_CHILDREN = 100;

/** One of keyId and secret; neither: the calling key itself. */
export interface RevokeKeyInput {
  readonly keyId?: string | null;
  /** Whoever holds a whole secret that has not retired may end its key, without being signed in. */
  readonly secret?: Sensitive<string> | null;
  readonly reason: string;
}

interface Target {
  readonly key: LockedKey;
  readonly actor: Actor;
}

/** Ends a key for good, at once. A key that was revoked already stays so, with its first reason. */
export const revokeKey = useCase<RevokeKeyInput, Target, { readonly keyId: string }>({
  name: 'revokeKey',
  guessable: ['secret'],

  async authorize(change, caller, input) {
    checkText('reason', input.reason, LONGEST_REASON);
    if (input.keyId != null && input.secret != null) throw badUserInput('Found keyId and secret; give one of them.');
    if (input.secret != null) return lockKeyBySecret(change, input.secret);
    if (caller.kind === 'ANONYMOUS') throw unauthenticated('Sign in, or give the secret of the key to revoke.');
    const key = await lockKeyForCaller(change, caller, input.keyId, 'key.revoke');
    return isFailure(key) ? key : { key, actor: actorOf(caller) };
  },

  async run(change, caller, input, { key, actor }) {
    if (input.secret == null) mayActAsNewest(caller, key); // throws for a secret that has retired since
    if (key.revokedAt !== null) return { keyId: key.id };
    await writeRevocation(change, key, actor, input.reason);
    return { keyId: key.id };
  },
});

/** Ends a key for good, now, and tells of its children beside what else is to be told. */
export async function writeRevocation(
  change: Change,
  key: LockedKey,
  actor: Actor,
  reason: string,
  more: EventDraft['data'] = {},
): Promise<void> {
  const { now } = key;
  await change.tx.key.update({ where: { id: key.id }, data: { revokedAt: now, reviewAt: null } });
  await change.tx.waitingStop.deleteMany({ where: { keyId: key.id } });
  const data = { ...more, ...(await findLiveChildren(change, key)) };
  change.record({ type: 'KEY_REVOKED', at: now, ...keyEventFields(key), actor, reason, data });
}

/** The keys that a key issued and that live on after it: whoever ends it because it leaked looks at these next. */
async function findLiveChildren({ tx }: Change, { id, now }: LockedKey): Promise<{ children?: string[] }> {
  const where = { parentId: id, ...liveKeys(now) };
  const rows = await tx.key.findMany({ where, select: { id: true }, orderBy: { id: 'asc' }, take: MAX_CHILDREN });
  return rows.length === 0 ? {} : { children: rows.map((row) => row.id) };
}

async function lockKeyBySecret(change: Change, text: Sensitive<string>): Promise<Target | Failure> {
  const secret = parseSecret(text.reveal());
  const row = secret && (await change.tx.secret.findUnique({ where: { digest: Buffer.from(secret.digest()) } }));
  const locked = row && (await lockKey(change.tx, row.keyId));
  const key = locked && (await bringUpToDate(change, locked));
  const shown = key?.secrets.find((one) => one.id === row?.id);
  const path = ['input', 'secret'];
  if (!key || !shown) return fail('KeyNotFound', 'No key has this secret.', { path });
  if (hasCome(shown.retiresAt, key.now)) {
    const { id: secretId, keyId } = shown;
    await writeUse(change, [{ secretId, keyId, consumer: '', firstAt: key.now, lastAt: key.now, useCount: 0 }]);
    return fail('KeyNotActive', 'This secret has retired: it can no longer end its key.', {
      path,
      details: { state: null },
    });
  }
  return { key, actor: { kind: 'KEY', id: key.id, name: key.name } };
}
