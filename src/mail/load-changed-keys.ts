import type { Prisma } from '../../prisma/generated/client/client.ts';
import { ownerIdOf } from '../keys/key-row.ts';
import type { Core } from '../store/core.ts';
import { operationSentences, type OperationSentences } from './operation-sentences.ts';

/** How many keys of one operation a mail lists. It counts the others. */
const LISTED_KEYS = 20;

/** A key that an operation changed. */
interface ChangedKey {
  readonly id: string;
  /** Its name, and the start of its current secret: "release (kt_abcdef…)". The id alone: another owner has the key now. */
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
  accountId: true,
  organizationId: true,
  subjectId: true,
  secrets: { where: { retiresAt: null }, select: { start: true } },
} as const;

/** Loads the operations of a digest, the earliest first. Keys for which an operation was undone since are left out. */
export async function loadChangedKeys(
  { prisma }: Pick<Core, 'prisma'>,
  digestId: string,
): Promise<readonly ChangedKeys[]> {
  const mails = await prisma.operationMail.findMany({
    where: { digestId },
    include: { operation: { include: { realm: { select: { name: true } } } } },
    orderBy: [{ operation: { endedAt: 'asc' } }, { operationId: 'asc' }],
  });
  const loaded: ChangedKeys[] = [];
  for (const { operationId, ownerIds, addedAt, operation } of mails) {
    const where = { operationId, state: 'DONE' as const, ownerId: { in: ownerIds } };
    const keyCount = await prisma.operationKey.count({ where });
    const sentences = operationSentences[operation.kind];
    if (keyCount === 0 || sentences === undefined) continue;
    const rows = await prisma.operationKey.findMany({
      where,
      select: { ownerId: true, key: { select: listedKeyColumns } },
      orderBy: { keyId: 'asc' },
      take: LISTED_KEYS,
    });
    loaded.push({
      sentences,
      actorName: operation.accountName,
      approverName: operation.approvedByName,
      reason: operation.reason,
      endedAt: operation.endedAt ?? addedAt,
      realmName: operation.realm.name,
      keyCount,
      keys: rows.map(({ ownerId, key }) => ({ id: key.id, title: titleOf(key, ownerId, operation.kind) })),
    });
  }
  return loaded;
}

type ListedKey = Prisma.KeyGetPayload<{ select: typeof listedKeyColumns }>;

/** Returns how a mail lists a key for who owned it when it was changed. A new owner may have renamed or rotated it. */
function titleOf(key: ListedKey, ownerId: string | null, kind: string): string {
  if (ownerIdOf(key) === ownerId) return `${key.name} (${key.secrets[0]?.start ?? ''}…)`;
  return kind === 'TRANSFER' ? key.name : key.id;
}
