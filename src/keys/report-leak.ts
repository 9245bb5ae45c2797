import type { LeakOutcome } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { hasCome } from '../domain/key.ts';
import { change, type Change } from '../log/change.ts';
import { lastActor } from '../log/history.ts';
import type { Core, Transaction } from '../store/core.ts';
import { endRotation } from './confirm-rotation.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { bringUpToDate, hasEnded, type OpenKey } from './open-key.ts';
import { endKey } from './revoke.ts';
import { lockKey, ownerIdOf, subjectOf } from './stored-key.ts';

/** How many consumers of a leaked secret its event names: those that used it last. */
const USES_TOLD = 10;

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

type ReportingCore = Core & { readonly channels: readonly NoticeChannel[] };

/**
 * Acts on a leak, once for each secret: its key is held or revoked, as the realm says. Of a secret that a person has
 * replaced already it alone ends, at once: whoever has moved to the new one goes on. Keys that this one issued are left
 * alone. Returns whether this is, or was, a leak; false: the secret has ended, and nothing was changed.
 */
export function reportLeak(core: ReportingCore, report: LeakReport): Promise<boolean> {
  return change(core, async (change) => {
    const { tx } = change;
    const locked = await lockKey(tx, report.keyId);
    if (locked === null) return false;
    // A repetition finds what the first one did, whatever has become of the key since.
    if ((await tx.leak.findUnique({ where: { secretId: report.secretId } })) !== null) return true;
    const key = await bringUpToDate(change, locked);
    const secret = key.secrets.find(({ id }) => id === report.secretId);
    if (secret === undefined || hasEnded(key) || hasCome(secret.retiresAt, key.now)) return false;
    const { secretId, reportedBy, url, foundIn } = report;
    const { generation, retiresAt } = secret;
    const facts = { generation, reportedBy, url, foundIn, ...(await lastUses(tx, secretId)) };
    const actor: Actor = { kind: 'SYSTEM', id: null, name: reportedBy };
    const isReplaced = retiresAt !== null && (await isInGoodHands(change, key));
    const outcome: LeakOutcome = isReplaced ? 'RETIRED' : key.realm.leakResponse === 'REVOKE' ? 'REVOKED' : 'HELD';
    const isMailed = core.channels.some(({ kind }) => kind === 'MAIL');
    const mailAt = isMailed ? key.now : null;
    const row = { secretId, ownerId: ownerIdOf(key), reportedBy, url, foundIn, reportedAt: key.now, outcome, mailAt };
    await tx.leak.create({ data: row });
    const reason = `Its secret was reported as leaked by ${reportedBy}.`;
    if (outcome === 'RETIRED') await endRotation(change, key, secret, actor, { by: 'LEAKED', ...facts }, reason);
    if (outcome === 'REVOKED') await endKey(change, key, actor, reason, { source: 'LEAK', ...facts });
    if (outcome === 'HELD') await holdLeaked(change, key, actor, reason, facts);
    return true;
  });
}

/**
 * Whether the newer secret was given to a person. One that a secret of the key was shown for may have gone to whoever found
 * that.
 */
async function isInGoodHands({ tx }: Change, key: OpenKey): Promise<boolean> {
  return (await lastActor(tx, key.id, ['KEY_ROTATION_STARTED', 'KEY_ROTATION_UNDONE'])) === 'ACCOUNT';
}

async function holdLeaked(
  change: Change,
  key: OpenKey,
  actor: Actor,
  reason: string,
  facts: { readonly reportedBy: string },
): Promise<void> {
  const { now } = key;
  await change.tx.hold.create({
    data: {
      id: newId('hold', now, change.core.random),
      keyId: key.id,
      source: 'LEAK',
      sourceId: facts.reportedBy,
      sourceName: facts.reportedBy,
      reason,
      since: now,
    },
  });
  change.tell({ type: 'KEY_HELD', at: now, ...subjectOf(key), actor, reason, data: { source: 'LEAK', ...facts } });
}

/** When a secret was used last, and by whom: what its owner looks at first. */
async function lastUses(tx: Transaction, secretId: string) {
  const rows = await tx.use.findMany({
    where: { secretId, lastUsedAt: { not: null } },
    orderBy: [{ lastUsedAt: 'desc' }, { consumer: 'asc' }],
    take: USES_TOLD,
  });
  const uses = rows.map(({ consumer, lastUsedAt }) => ({
    consumer: consumer || null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }));
  return { lastUsedAt: uses[0]?.lastUsedAt ?? null, uses };
}
