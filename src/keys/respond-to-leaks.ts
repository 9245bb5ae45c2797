import type { LeakOutcome, Prisma } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { hasCome } from '../domain/key.ts';
import { mayWorkAgain } from '../domain/life.ts';
import { change, type Change } from '../log/change.ts';
import { findLastActors } from '../log/key-history.ts';
import type { Core } from '../store/core.ts';
import { completeRotation } from './confirm-rotation.ts';
import { findLastUses, type LastUses } from './last-uses.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { bringUpToDate, type LockedKey } from './lock-key-for-caller.ts';
import { writeRevocation } from './revoke.ts';
import { lifelineOf, lockKeys, ownerIdOf, keyEventFields, type KeyRow } from './key-row.ts';

/** A secret that somebody says is public. */
export interface LeakReport {
  readonly secretId: string;
  readonly keyId: string;
  /** Who says so: `github`, or the source's name in the settings. */
  readonly reportedBy: string;
  /** Where it was found, fit to be kept: nothing of the secret is in it. */
  readonly url: string | null;
  readonly foundIn: string | null;
}

/** What reports of leaks are acted on with. */
export type LeakResponseCore = Core & { readonly channels: readonly NoticeChannel[] };

/** What came of it: what is written for all keys of a batch together. */
interface LeakResponseRows {
  readonly leak: Prisma.LeakCreateManyInput;
  readonly hold: Prisma.HoldCreateManyInput | null;
}

/**
 * Acts on leaks of different keys in one transaction, once for each secret: its key is held or revoked, as the realm says.
 * Of a secret that a person has replaced already it alone ends, at once: whoever has moved to the new one goes on. A key that
 * has expired, and could be brought back, is then held. Keys that were issued by these are left alone. Of a secret that
 * has ended, or was reported before, nothing is changed.
 */
export function respondToLeaks(core: LeakResponseCore, reports: readonly LeakReport[]): Promise<void> {
  return change(core, async (change) => {
    const { tx } = change;
    const keyIds = reports.map(({ keyId }) => keyId);
    const keys = new Map((await lockKeys(tx, keyIds)).map((key) => [key.id, key]));
    const secretIds = reports.map(({ secretId }) => secretId);
    // A repetition finds what the first one did, whatever has become of the key since.
    const known = await tx.leak.findMany({ where: { secretId: { in: secretIds } }, select: { secretId: true } });
    const knownIds = new Set(known.map(({ secretId }) => secretId));
    const uses = await findLastUses(tx, secretIds);
    const acted: LeakResponseRows[] = [];
    for (const report of reports.filter(({ secretId }) => !knownIds.has(secretId))) {
      const key = keys.get(report.keyId);
      const one = key && (await respondToLeak(change, key, report, uses.get(report.secretId)));
      if (one) acted.push(one);
    }
    await tx.leak.createMany({ data: acted.map(({ leak }) => leak) });
    await tx.hold.createMany({ data: acted.flatMap(({ hold }) => hold ?? []) });
  });
}

/** Null: the secret has ended. */
async function respondToLeak(
  change: Change<LeakResponseCore>,
  locked: KeyRow,
  { secretId, reportedBy, url, foundIn }: LeakReport,
  uses: LastUses = [],
): Promise<LeakResponseRows | null> {
  const key = await bringUpToDate(change, locked);
  const { now } = key;
  const secret = key.secrets.find(({ id }) => id === secretId);
  if (secret === undefined || !mayWorkAgain(lifelineOf(key), now) || hasCome(secret.retiresAt, now)) return null;
  const isReplaced = secret.retiresAt !== null && (await wasReplacedByPerson(change, key));
  const outcome: LeakOutcome = isReplaced ? 'RETIRED' : key.realm.leakResponse === 'REVOKE' ? 'REVOKED' : 'HELD';
  const { generation } = secret;
  const told = uses.map(({ consumer, lastUsedAt }) => ({ consumer, lastUsedAt: lastUsedAt.toISOString() }));
  const facts = { generation, reportedBy, url, foundIn, lastUsedAt: told[0]?.lastUsedAt ?? null, uses: told };
  const actor: Actor = { kind: 'SYSTEM', id: null, name: reportedBy };
  const reason = `Its secret was reported as leaked by ${reportedBy}.`;
  if (outcome === 'RETIRED') await completeRotation(change, key, secret, actor, { by: 'LEAKED', ...facts }, reason);
  if (outcome === 'REVOKED') await writeRevocation(change, key, actor, reason, { source: 'LEAK', ...facts });
  if (outcome === 'HELD') {
    change.record({
      type: 'KEY_HELD',
      at: now,
      ...keyEventFields(key),
      actor,
      reason,
      data: { source: 'LEAK', ...facts },
    });
  }
  const mailAt = change.core.channels.some(({ kind }) => kind === 'MAIL') ? now : null;
  return {
    leak: { secretId, ownerId: ownerIdOf(key), reportedBy, url, foundIn, reportedAt: now, outcome, mailAt },
    hold: outcome === 'HELD' ? leakHold(change, key, reportedBy, reason) : null,
  };
}

/**
 * Whether the newer secret was given to a person. One that a secret of the key was shown for may have gone to whoever found
 * that.
 */
async function wasReplacedByPerson({ tx }: Change, key: LockedKey): Promise<boolean> {
  const actors = await findLastActors(tx, [key.id], ['KEY_ROTATION_STARTED', 'KEY_ROTATION_UNDONE']);
  return actors.get(key.id) === 'ACCOUNT';
}

function leakHold({ core }: Change, { id: keyId, now }: LockedKey, reportedBy: string, reason: string) {
  const id = newId('hold', now, core.random);
  return { id, keyId, source: 'LEAK', sourceId: reportedBy, sourceName: reportedBy, reason, since: now } as const;
}
