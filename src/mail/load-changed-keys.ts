import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { EventData } from '../domain/event-detail.ts';
import { ownerIdOf } from '../keys/key-row.ts';
import type { Core } from '../store/core.ts';
import { isOnOwnRung, type RungAccount } from './escalation.ts';
import { operationSentences, type OperationSentences } from './operation-sentences.ts';

/** How many keys of one operation a mail lists. It counts the others. */
const LISTED_KEYS = 20;

/** A key that an operation changed. */
interface ChangedKey {
  readonly id: string;
  /** Its name, and the start of its current secret: "release (kt_abcdef…)". The name alone: another owner has the key now. */
  readonly title: string;
}

/** The keys of one reader that an operation changed, as a mail describes them. Names are unescaped, as people entered them. */
export interface ChangedKeys {
  readonly sentences: OperationSentences;
  readonly actorName: string;
  /** The second person, who approved it. Null: there was none. */
  readonly approverName: string | null;
  readonly reason: string;
  readonly endedAt: Date;
  readonly realmName: string;
  readonly keyCount: number;
  /** The first of them. */
  readonly keys: readonly ChangedKey[];
}

const listedKeyColumns = {
  id: true,
  name: true,
  createdAt: true,
  accountId: true,
  organizationId: true,
  subjectId: true,
  secrets: { where: { retiresAt: null }, select: { start: true } },
} as const;

const listedRowColumns = { ownerId: true, changedAt: true, key: { select: listedKeyColumns } } as const;

/**
 * Loads the operations of a digest, the earliest first. Keys for which an operation was undone since are left out, and those
 * of organizations that no longer have the recipient as OWNER or ADMIN.
 */
export async function loadChangedKeys(
  { prisma }: Pick<Core, 'prisma'>,
  digestId: string,
  recipient: RungAccount,
): Promise<readonly ChangedKeys[]> {
  const mails = await prisma.operationMail.findMany({
    where: { digestId },
    include: { operation: { include: { realm: { select: { name: true } } } } },
    orderBy: [{ operation: { endedAt: 'asc' } }, { operationId: 'asc' }],
  });
  const loaded: ChangedKeys[] = [];
  for (const { operationId, ownerIds, addedAt, operation } of mails) {
    const current = ownerIds.filter((ownerId) => isOnOwnRung(recipient, ownerId));
    const where = { operationId, state: 'DONE' as const, ownerId: { in: current } };
    const keyCount = await prisma.operationKey.count({ where });
    const sentences = operationSentences[operation.kind];
    if (keyCount === 0 || sentences === undefined) continue;
    const rows = await prisma.operationKey.findMany({
      where,
      select: listedRowColumns,
      orderBy: { keyId: 'asc' },
      take: LISTED_KEYS,
    });
    const titles = await titlesOf(prisma, rows);
    loaded.push({
      sentences,
      actorName: operation.accountName,
      approverName: operation.approvedByName,
      reason: operation.reason,
      endedAt: operation.endedAt ?? addedAt,
      realmName: operation.realm.name,
      keyCount,
      keys: rows.map(({ key: { id } }, index) => ({ id, title: titles[index] ?? id })),
    });
  }
  return loaded;
}

type ListedRow = Prisma.OperationKeyGetPayload<{ select: typeof listedRowColumns }>;

/**
 * Returns how a mail lists keys for those who owned them when they were changed, in that order. A new owner may have renamed or
 * rotated a key since: the previous owner reads the name of that time, and no secret.
 */
async function titlesOf(prisma: Core['prisma'], rows: readonly ListedRow[]): Promise<readonly string[]> {
  const given = rows.filter(({ ownerId, key }) => ownerIdOf(key) !== ownerId);
  const renames =
    given.length === 0
      ? []
      : await prisma.event.findMany({
          where: {
            type: 'KEY_UPDATED',
            OR: given.map(({ key, changedAt }) => ({ keyId: key.id, at: { gte: changedAt ?? key.createdAt } })),
          },
          select: { keyId: true, data: true },
          orderBy: { position: 'asc' },
        });
  return rows.map((row) => {
    const { key } = row;
    if (!given.includes(row)) return `${key.name} (${key.secrets[0]?.start ?? ''}…)`;
    const [nameThen] = renames
      .filter(({ keyId }) => keyId === key.id)
      .flatMap(({ data }) => (data as unknown as EventData<'KEY_UPDATED'>).before?.name ?? []);
    return nameThen ?? key.name;
  });
}
