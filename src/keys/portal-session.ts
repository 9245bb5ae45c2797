import { Prisma } from '../../prisma/generated/client/client.ts';
import type { PortalCaller } from '../domain/caller.ts';
import { earliest, hasCome } from '../domain/key.ts';
import { portalDigest, type PortalAction } from '../domain/portal.ts';
import { unauthenticated } from '../domain/request-error.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import type { Transaction } from '../store/core.ts';

/** A portal session at a moment. */
export interface PortalSession {
  readonly caller: PortalCaller;
  /** The origins of its realm: of pages that may send its token. */
  readonly origins: readonly string[];
  /** When time alone ends it. */
  readonly endsAt: Date;
  /** Whether it was ended: by endPortalSessions, or together with its subject or with who made it. */
  readonly isEnded: boolean;
  readonly isUsed: boolean;
}

interface SessionRow {
  readonly id: string;
  readonly realmId: string;
  readonly subjectId: string;
  readonly createdById: string;
  readonly may: readonly PortalAction[];
  readonly portalOrigins: readonly string[] | null;
  readonly expiresAt: Date;
  readonly managerExpiresAt: Date | null;
  readonly isEnded: boolean;
  readonly isUsed: boolean;
}

/** The reader of a session: the client, or a transaction. */
export type SessionReader = Pick<Transaction, '$queryRaw'>;

/** Finds the session of a token; null: there is none. */
export function findPortalSession(
  db: SessionReader,
  token: Sensitive<string>,
  now: Date,
): Promise<PortalSession | null> {
  return readSession(db, Prisma.sql`s."tokenDigest" = ${portalDigest(token)}`, now);
}

/** Finds the session of a one-time code that has not been exchanged; null: there is none. */
export function findSessionOfCode(
  db: SessionReader,
  code: Sensitive<string>,
  now: Date,
): Promise<PortalSession | null> {
  return readSession(db, Prisma.sql`s."codeDigest" = ${portalDigest(code)}`, now);
}

/**
 * Checks a session again in a change that it makes, and locks it: it ends after the change has committed, or the change is
 * refused. Lock order, to avoid deadlocks: the realm, the subject, its sessions, then keys.
 *
 * @throws UNAUTHENTICATED if the session has ended since the caller was authenticated.
 */
export async function lockPortalSession(db: SessionReader, { id }: PortalCaller, now: Date): Promise<void> {
  requireLive(await readSession(db, Prisma.sql`s.id = ${id} FOR SHARE OF s`, now), now);
}

/** Returns a session that has not ended. @throws UNAUTHENTICATED for any other */
export function requireLive(session: PortalSession | null, now: Date): PortalSession {
  const ended = (outcome: string, message: string) => unauthenticated(message, { outcome });
  if (session === null) throw ended('UNKNOWN', 'The portal session does not exist. Ask for a new one.');
  if (session.isEnded) throw ended('PORTAL_SESSION_ENDED', 'The portal session was ended.');
  if (hasCome(session.endsAt, now)) throw ended('SESSION_ENDED', 'The portal session has expired. Ask for a new one.');
  return session;
}

/**
 * Reads a session in one statement. A hold, revocation or expiry of the key that made it ends it for good: the events of that key
 * say so, also if the key was resumed since.
 */
async function readSession(db: SessionReader, where: Prisma.Sql, now: Date): Promise<PortalSession | null> {
  const [row] = await db.$queryRaw<SessionRow[]>`
    SELECT s.id, s."realmId", s."subjectId", coalesce(s."managerId", s."accountId", '') AS "createdById", s.may,
      r."portalOrigins", s."expiresAt", s."firstUsedAt" IS NOT NULL AS "isUsed",
      CASE WHEN k."expiryBasis" = 'HARD' THEN k."expiresAt" END AS "managerExpiresAt",
      s."endedAt" IS NOT NULL OR o."disabledAt" IS NOT NULL OR o."removedAt" IS NOT NULL
      OR a.id IS NOT NULL AND (a."disabledAt" IS NOT NULL OR NOT a."isAdministrator")
      OR k.id IS NOT NULL AND (
        k."revokedAt" IS NOT NULL OR k."expiredAt" IS NOT NULL
        OR (k."expiryBasis" = 'HARD' AND k."expiresAt" <= ${now}) IS TRUE
        OR NOT k.scopes @> '[{"action": "keytide:manage"}]'
        OR EXISTS (SELECT 1 FROM "Hold" WHERE "keyId" = k.id)
        OR EXISTS (SELECT 1 FROM "Event" WHERE "keyId" = k.id AND position > s."managerPosition"
          AND type IN ('KEY_HELD', 'KEY_REVOKED', 'KEY_EXPIRED'))) AS "isEnded"
    FROM "PortalSession" s
    JOIN "Realm" r ON r.id = s."realmId"
    JOIN "Subject" o ON o.id = s."subjectId"
    LEFT JOIN "Key" k ON k.id = s."managerId"
    LEFT JOIN "Account" a ON a.id = s."accountId"
    WHERE ${where}`;
  if (row === undefined) return null;
  const { id, realmId, subjectId, createdById, may, portalOrigins, isEnded, isUsed } = row;
  return {
    caller: { kind: 'PORTAL', id, realmId, subjectId, createdById, may },
    origins: portalOrigins ?? [],
    endsAt: earliest(row.expiresAt, row.managerExpiresAt) ?? row.expiresAt,
    isEnded,
    isUsed,
  };
}
