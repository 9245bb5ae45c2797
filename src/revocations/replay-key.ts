import type { Prisma } from '../../prisma/generated/client/client.ts';
import { earliest } from '../domain/key.ts';
import type { Scope } from '../domain/scope.ts';
import type { Change } from '../log/change.ts';
import { ownerIdOf } from '../keys/key-row.ts';
import type { KeySnapshot } from './key-snapshot.ts';

/** A key of the restored database. */
type KeyToReplay = Prisma.KeyGetPayload<{ include: { holds: true; secrets: true } }>;

/**
 * Refuses on a locked key what the journal says is refused: revocation, expiry, holds, retired secrets, fewer scopes,
 * other allowed addresses and an earlier expiry. Secrets that rotations made since the backup are restored with their digests, so that their holders
 * go on. Nothing that the backup does not accept is accepted otherwise: renewals since the backup are not restored.
 *
 * Returns whether anything changed.
 */
export async function replayKey(change: Change, key: KeyToReplay, journal: KeySnapshot, at: Date): Promise<boolean> {
  const { tx } = change;
  const columns = {
    ...replayEnd(key, journal),
    ...replayScopes(key, journal),
    ...replayAddresses(key, journal),
    ...replayExpiry(key, journal),
    ...replayRotation(key, journal),
    ...(await replayOwner(change, key, journal)),
  };
  const secretCount = await replaySecrets(change, key, journal);
  const holdCount = await replayHolds(change, key, journal, at);
  if (Object.keys(columns).length === 0 && secretCount + holdCount === 0) return false;
  const isEnded = (key.revokedAt ?? key.expiredAt ?? columns.revokedAt ?? columns.expiredAt ?? null) !== null;
  // Policies decide about the key as it is now.
  await tx.key.update({ where: { id: key.id }, data: { ...columns, reviewAt: isEnded ? null : change.now() } });
  if (columns.revokedAt != null) await tx.waitingStop.deleteMany({ where: { keyId: key.id } });
  return true;
}

function replayEnd(key: KeyToReplay, journal: KeySnapshot) {
  const revokedAt = toDate(journal.revokedAt);
  const expiredAt = toDate(journal.expiredAt);
  return {
    ...(key.revokedAt === null && revokedAt !== null && { revokedAt }),
    ...(key.expiredAt === null && expiredAt !== null && { expiredAt, standing: journal.standing }),
  };
}

/** A key that was transferred since the backup stays with its new owner, if the backup has that one. */
async function replayOwner({ tx }: Change, key: KeyToReplay, { accountId, organizationId, subjectId }: KeySnapshot) {
  if (ownerIdOf(key) === (accountId ?? organizationId ?? subjectId)) return {};
  const select = { id: true };
  const isThere =
    (accountId !== null && (await tx.account.findUnique({ where: { id: accountId }, select }))) ||
    (organizationId !== null && (await tx.organization.findUnique({ where: { id: organizationId }, select }))) ||
    // Journals of earlier releases have no subjects.
    (subjectId != null && (await tx.subject.findUnique({ where: { id: subjectId }, select })));
  return isThere ? { accountId, organizationId, subjectId: subjectId ?? null } : {};
}

function replayScopes(key: KeyToReplay, journal: KeySnapshot) {
  const print = (scopes: unknown) =>
    (scopes as Scope[]).map(({ action, resource }) => `${action} ${resource}`).join('\n');
  return print(key.scopes) === print(journal.scopes) ? {} : { scopes: journal.scopes as Prisma.InputJsonValue };
}

/** The journals of earlier releases have no addresses. */
function replayAddresses(key: KeyToReplay, { allowedAddresses }: Partial<KeySnapshot>) {
  const isSame = allowedAddresses === undefined || allowedAddresses.join() === key.allowedAddresses.join();
  return isSame ? {} : { allowedAddresses: [...allowedAddresses] };
}

function replayExpiry(key: KeyToReplay, journal: KeySnapshot) {
  const expiresAt = toDate(journal.expiresAt);
  if (expiresAt === null || (key.expiresAt !== null && key.expiresAt <= expiresAt)) return {};
  const isNearest = key.stopsAt === null || expiresAt < key.stopsAt;
  return {
    expiresAt,
    expiryBasis: journal.expiryBasis,
    chosenExpiresAt: earliest(toDate(journal.chosenExpiresAt), key.chosenExpiresAt),
    lifetimeMs: journal.lifetimeMs === null ? null : BigInt(journal.lifetimeMs),
    ...(isNearest && { stopsAt: expiresAt, stopsBasis: journal.expiryBasis }),
  };
}

function replayRotation(key: KeyToReplay, journal: KeySnapshot) {
  const rotationStartedAt = toDate(journal.rotationStartedAt);
  if (
    rotationStartedAt?.getTime() === key.rotationStartedAt?.getTime() &&
    journal.rotationExtended === key.rotationExtended
  )
    return {};
  const graceMs = journal.rotationGraceMs;
  return {
    rotationStartedAt,
    rotationGraceMs: graceMs === null ? null : BigInt(graceMs),
    rotationExtended: journal.rotationExtended,
  };
}

/** Returns how many secrets were added or changed. */
async function replaySecrets({ tx }: Change, key: KeyToReplay, journal: KeySnapshot): Promise<number> {
  const isInJournal = (id: string) => journal.secrets.some((secret) => secret.id === id);
  // A copy that served before it was reconciled may have rotated the key: that secret stays, and stays the only current one.
  const foreign = key.secrets.filter(({ id }) => !isInJournal(id));
  const hasForeignCurrent = foreign.some(({ retiresAt }) => retiresAt === null);
  // The old secret retires before the new one is current: a key has at most one current secret.
  const retiringFirst = journal.secrets.toSorted((a, b) => Number(a.retiresAt === null) - Number(b.retiresAt === null));
  let count = 0;
  for (const { id, digest, createdAt, retiresAt, ...secret } of retiringFirst) {
    const known = key.secrets.find((each) => each.id === id);
    const retires = toDate(retiresAt);
    if (known !== undefined && known.retiresAt?.getTime() === retires?.getTime()) continue;
    if (retires === null && hasForeignCurrent) continue;
    if (foreign.some(({ generation }) => generation === secret.generation)) continue;
    const bytes = Buffer.from(digest, 'base64');
    await tx.secret.upsert({
      where: { id },
      create: { id, keyId: key.id, ...secret, digest: bytes, createdAt: new Date(createdAt), retiresAt: retires },
      update: { retiresAt: retires },
    });
    count += 1;
  }
  return count;
}

/** Returns how many holds were placed or lifted. A hold that is younger than the journal stays. */
async function replayHolds({ tx }: Change, key: KeyToReplay, journal: KeySnapshot, at: Date): Promise<number> {
  const placed = journal.holds.filter(({ id }) => !key.holds.some((hold) => hold.id === id));
  const lifted = key.holds.filter(({ id, since }) => since <= at && !journal.holds.some((hold) => hold.id === id));
  await tx.hold.deleteMany({ where: { id: { in: lifted.map(({ id }) => id) } } });
  await tx.hold.createMany({
    data: placed.map((hold) => ({ ...hold, keyId: key.id, since: new Date(hold.since) })),
  });
  return placed.length + lifted.length;
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
