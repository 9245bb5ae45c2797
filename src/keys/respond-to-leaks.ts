import type { LeakOutcome, Prisma } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../domain/event.ts';
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
import { lifelineOf, ownerIdOf, type KeyRow } from './key-row.ts';
import { lockKeys } from './lock-key.ts';
import { placeHolds } from './write-holds.ts';

/** A report that a secret has leaked. */
export interface LeakReport {
  readonly secretId: string;
  readonly keyId: string;
  /** The source of the report: `github`, or its name in the settings. */
  readonly reportedBy: string;
  /** Where the secret was found. Redacted: contains nothing of the secret. */
  readonly url: string | null;
  readonly foundIn: string | null;
}

/** The core of the response to leaks. */
export type LeakResponseCore = Core & { readonly channels: readonly NoticeChannel[] };

/**
 * Responds to leaks of different keys in one transaction, once for each secret: the key is held or revoked, as the
 * realm's `leakResponse` says. If a person has already replaced the secret, only the secret retires, at once, and
 * consumers of the new one go on. An expired key that can still be revived gets the same response. Child keys are not
 * changed. For a secret that has ended or was reported before, nothing changes.
 */
export function respondToLeaks(core: LeakResponseCore, reports: readonly LeakReport[]): Promise<void> {
  return change(core, async (change) => {
    const { tx } = change;
    const keyIds = reports.map(({ keyId }) => keyId);
    const keys = new Map((await lockKeys(tx, keyIds)).map((key) => [key.id, key]));
    const secretIds = reports.map(({ secretId }) => secretId);
    // A repeated report changes nothing, whatever has happened to the key since.
    const known = await tx.leak.findMany({ where: { secretId: { in: secretIds } }, select: { secretId: true } });
    const knownIds = new Set(known.map(({ secretId }) => secretId));
    const uses = await findLastUses(tx, secretIds);
    const leaks: Prisma.LeakCreateManyInput[] = [];
    for (const report of reports.filter(({ secretId }) => !knownIds.has(secretId))) {
      const key = keys.get(report.keyId);
      const leak = key && (await respondToLeak(change, key, report, uses.get(report.secretId)));
      if (leak) leaks.push(leak);
    }
    await tx.leak.createMany({ data: leaks });
  });
}

/** Responds to one leak. Returns the row that records it; null: the secret has ended. */
async function respondToLeak(
  change: Change<LeakResponseCore>,
  locked: KeyRow,
  { secretId, reportedBy, url, foundIn }: LeakReport,
  uses: LastUses = [],
): Promise<Prisma.LeakCreateManyInput | null> {
  const key = await bringUpToDate(change, locked);
  const { now } = key;
  const secret = key.secrets.find(({ id }) => id === secretId);
  if (secret === undefined || !mayWorkAgain(lifelineOf(key), now) || hasCome(secret.retiresAt, now)) return null;
  const isReplaced = secret.retiresAt !== null && (await wasReplacedByPerson(change, key));
  const outcome: LeakOutcome = isReplaced ? 'RETIRED' : key.realm.leakResponse === 'REVOKE' ? 'REVOKED' : 'HELD';
  const { generation } = secret;
  const lastUses = uses.map(({ consumer, lastUsedAt }) => ({ consumer, lastUsedAt: lastUsedAt.toISOString() }));
  const facts = { generation, reportedBy, url, foundIn, lastUsedAt: lastUses[0]?.lastUsedAt ?? null, uses: lastUses };
  const actor: Actor = { kind: 'SYSTEM', id: null, name: reportedBy };
  const reason = `Its secret was reported as leaked by ${reportedBy}.`;
  if (outcome === 'RETIRED') completeRotation(change, key, secret, actor, { by: 'LEAKED', ...facts }, reason);
  if (outcome === 'REVOKED') await writeRevocation(change, key, actor, reason, { source: 'LEAK', ...facts });
  if (outcome === 'HELD') placeHolds(change, actor, [key], { source: 'LEAK', sourceId: reportedBy, reason, facts });
  const mailAt = change.core.channels.some(({ kind }) => kind === 'MAIL') ? now : null;
  return { secretId, ownerId: ownerIdOf(key), reportedBy, url, foundIn, reportedAt: now, outcome, mailAt };
}

/**
 * Returns whether a person made the key's last rotation, or the undo of it. If the leaked secret itself rotated the
 * key, the finder of the leak may have the other secret.
 */
async function wasReplacedByPerson({ tx }: Change, key: LockedKey): Promise<boolean> {
  const actors = await findLastActors(tx, [key.id], ['KEY_ROTATION_STARTED', 'KEY_ROTATION_UNDONE']);
  return actors.get(key.id) === 'ACCOUNT';
}
