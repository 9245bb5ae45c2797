import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Core } from '../store/core.ts';

/** What is read of a key for the journal: all that decides whether a secret is refused. */
const snapshotSelect = {
  id: true,
  accountId: true,
  organizationId: true,
  subjectId: true,
  scopes: true,
  allowedAddresses: true,
  lifetimeMs: true,
  chosenExpiresAt: true,
  expiresAt: true,
  expiryBasis: true,
  stopsAt: true,
  stopsBasis: true,
  standing: true,
  expiredAt: true,
  revokedAt: true,
  rotationStartedAt: true,
  rotationGraceMs: true,
  rotationExtended: true,
  holds: { omit: { keyId: true } },
  secrets: {
    select: {
      id: true,
      generation: true,
      digest: true,
      start: true,
      createdAt: true,
      retiresAt: true,
      rotatedAtOnceBy: true,
    },
  },
} satisfies Prisma.KeySelect;

type SnapshotRow = Prisma.KeyGetPayload<{ select: typeof snapshotSelect }>;

/** A row in JSON: instants and large numbers are text, bytes are base64. */
type InJson<Row> = {
  readonly [Column in keyof Row]: Row[Column] extends Date | bigint | Uint8Array
    ? string
    : Row[Column] extends Date | bigint | null
      ? string | null
      : Row[Column];
};

/** A key in the journal. */
export type KeySnapshot = Omit<InJson<SnapshotRow>, 'holds' | 'secrets'> & {
  readonly holds: readonly InJson<SnapshotRow['holds'][number]>[];
  readonly secrets: readonly InJson<SnapshotRow['secrets'][number]>[];
};

/** Reads keys as they are now, by id. */
export async function readKeySnapshots(
  { prisma }: Pick<Core, 'prisma'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, KeySnapshot>> {
  const rows = await prisma.key.findMany({ where: { id: { in: [...new Set(ids)] } }, select: snapshotSelect });
  return new Map(rows.map((row) => [row.id, toJson(row)]));
}

function toJson(row: SnapshotRow): KeySnapshot {
  const text = JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  const key = JSON.parse(text) as KeySnapshot;
  const secrets = key.secrets.map((secret, index) => ({
    ...secret,
    digest: Buffer.from(row.secrets[index]?.digest ?? []).toString('base64'),
  }));
  return { ...key, secrets };
}
