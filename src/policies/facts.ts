import { DAY_MS } from '../domain/duration.ts';
import type { Scope } from '../domain/scope.ts';
import { Prisma } from '../../prisma/generated/client/client.ts';
import type { Transaction } from '../store/core.ts';
import type { Facts, KeyFacts, OwnerFacts, Reading, RequestFacts, UseFacts } from './contract.ts';

/** The facts of a key from its own rows. The key may not exist yet. Instants and durations are in milliseconds. */
export interface KnownKey {
  readonly key: KeyFacts;
  readonly use: Pick<UseFacts, 'activeAt' | 'firstUsedAt' | 'lastUsedAt'>;
}

/** The facts that are loaded only for modules that read them. */
export interface GatheredFacts {
  readonly days: readonly number[];
  readonly consumers: UseFacts['consumers'];
  readonly owner: OwnerFacts;
}

/** Returns the facts for a module. Facts that it does not read have neutral values. */
export function factsFor(
  { key, use }: KnownKey,
  { days, consumers, owner }: GatheredFacts,
  realm: Facts['realm'],
  request: RequestFacts | null,
  reads: readonly Reading[],
): Facts {
  return {
    key,
    use: {
      ...use,
      days: reads.includes('DAYS') ? days : [],
      consumers: reads.includes('CONSUMERS') ? consumers : [],
    },
    owner: reads.includes('OWNER') ? owner : neutralOwnerOf(owner),
    request,
    realm,
  };
}

const neutralOwners = new WeakMap<OwnerFacts, OwnerFacts>();

/** Returns what every module may read of an owner: the same object for the same facts. */
function neutralOwnerOf(owner: OwnerFacts): OwnerFacts {
  const { id, kind, createdAt, memberCount } = owner;
  const made = neutralOwners.get(owner) ?? {
    id,
    kind,
    createdAt,
    memberCount,
    lastSignInAt: null,
    isEmailVerified: true,
    disabledAt: null,
  };
  neutralOwners.set(owner, made);
  return made;
}

/** The row of a key with its labels and secrets, as far as its facts follow from them. */
export interface KeyFactsRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly grantedAt: Date;
  readonly renewedAt: Date | null;
  readonly renewalCount: number;
  readonly chosenExpiresAt: Date | null;
  readonly lifetimeMs: bigint | null;
  readonly activeAt: Date;
  readonly lastUsedAt: Date | null;
  readonly parentId: string | null;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly {
    readonly generation: number;
    readonly createdAt: Date;
    readonly firstUsedAt: Date | null;
    readonly retiresAt: Date | null;
  }[];
}

/** Returns the facts of a key from its row, its labels and its secrets. */
export function knownKeyOf(row: KeyFactsRow): KnownKey {
  const current = row.secrets.find(({ retiresAt }) => retiresAt === null);
  const firstUses = row.secrets.flatMap(({ firstUsedAt }) => firstUsedAt?.getTime() ?? []);
  return {
    key: {
      id: row.id,
      name: row.name,
      createdAt: row.createdAt.getTime(),
      grantedAt: row.grantedAt.getTime(),
      renewedAt: row.renewedAt?.getTime() ?? null,
      renewalCount: row.renewalCount,
      chosenExpiresAt: row.chosenExpiresAt?.getTime() ?? null,
      lifetime: row.lifetimeMs === null ? null : Number(row.lifetimeMs),
      secretCreatedAt: (current?.createdAt ?? row.createdAt).getTime(),
      secretGeneration: current?.generation ?? 1,
      isChild: row.parentId !== null,
      labels: Object.fromEntries(row.labels.map(({ name, value }) => [name, value])),
      scopes: row.scopes.map(({ action, resource }) => ({ action, resource })),
    },
    use: {
      activeAt: row.activeAt.getTime(),
      firstUsedAt: firstUses.length === 0 ? (row.lastUsedAt?.getTime() ?? null) : Math.min(...firstUses),
      lastUsedAt: row.lastUsedAt?.getTime() ?? null,
    },
  };
}

/** Loads the use of many keys at once. Lists that no module reads are empty. */
export async function gatherUse(
  tx: Transaction,
  keyIds: readonly string[],
  reads: ReadonlySet<Reading>,
): Promise<(keyId: string) => Pick<GatheredFacts, 'days' | 'consumers'>> {
  const days = new Map<string, readonly number[]>();
  const consumers = new Map<string, UseFacts['consumers']>();
  if (reads.has('DAYS')) {
    const rows = await tx.useDays.findMany({ where: { keyId: { in: [...keyIds] } } });
    for (const row of rows)
      days.set(
        row.keyId,
        row.days.map((day) => day * DAY_MS),
      );
  }
  if (reads.has('CONSUMERS')) {
    const rows = await tx.$queryRaw<{ keyId: string; name: string; firstUsedAt: Date; lastUsedAt: Date }[]>`
      SELECT s."keyId", u.consumer AS name, min(u."firstUsedAt") AS "firstUsedAt", max(u."lastUsedAt") AS "lastUsedAt"
      FROM "Use" u JOIN "Secret" s ON s.id = u."secretId"
      WHERE s."keyId" = ANY(${keyIds}) AND u."lastUsedAt" IS NOT NULL
      GROUP BY s."keyId", u.consumer ORDER BY s."keyId", u.consumer`;
    for (const { keyId, name, firstUsedAt, lastUsedAt } of rows) {
      const consumer = { name, firstUsedAt: firstUsedAt.getTime(), lastUsedAt: lastUsedAt.getTime() };
      consumers.set(keyId, [...(consumers.get(keyId) ?? []), consumer]);
    }
  }
  return (keyId) => ({ days: days.get(keyId) ?? [], consumers: consumers.get(keyId) ?? [] });
}

/** What a statement with `selectOwners` returns of an owner. */
export interface OwnerRow {
  readonly id: string;
  readonly kind: OwnerFacts['kind'];
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
  readonly isEmailVerified: boolean | null;
  readonly openCount: number;
  readonly disabledAt: Date | null;
  readonly memberCount: number;
}

/** Returns a statement for the facts of owners (accounts, organizations and subjects). An organization's facts combine those of all its members. */
export function selectOwners(ownerIds: readonly string[]): Prisma.Sql {
  const ids = [...ownerIds];
  return Prisma.sql`
    SELECT id, 'ACCOUNT' AS kind, "createdAt", "lastSignInAt", "emailVerifiedAt" IS NOT NULL AS "isEmailVerified",
           (CASE WHEN "disabledAt" IS NULL THEN 1 ELSE 0 END) AS "openCount", "disabledAt", 1 AS "memberCount"
    FROM "Account" WHERE id = ANY(${ids})
    UNION ALL
    SELECT o.id, 'ORGANIZATION', o."createdAt", max(a."lastSignInAt"), bool_or(a."emailVerifiedAt" IS NOT NULL),
           count(*) FILTER (WHERE a.id IS NOT NULL AND a."disabledAt" IS NULL)::int, max(a."disabledAt"), count(a.id)::int
    FROM "Organization" o
      LEFT JOIN "Membership" m ON m."organizationId" = o.id LEFT JOIN "Account" a ON a.id = m."accountId"
    WHERE o.id = ANY(${ids}) GROUP BY o.id
    UNION ALL
    SELECT id, 'SUBJECT', "createdAt", NULL, true, (CASE WHEN "disabledAt" IS NULL THEN 1 ELSE 0 END), "disabledAt", 1
    FROM "Subject" WHERE id = ANY(${ids})`;
}

export function ownerFactsOf(row: OwnerRow): OwnerFacts {
  return {
    id: row.id,
    kind: row.kind,
    createdAt: row.createdAt.getTime(),
    lastSignInAt: row.lastSignInAt?.getTime() ?? null,
    isEmailVerified: row.isEmailVerified ?? false,
    // An organization is disabled when its last open member account is disabled.
    disabledAt: row.openCount === 0 ? (row.disabledAt?.getTime() ?? null) : null,
    memberCount: row.memberCount,
  };
}
