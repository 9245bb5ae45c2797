import { Prisma } from '../../prisma/generated/client/client.ts';
import { laterEnd, type RolloutMember, type RolloutReach } from '../domain/rollout.ts';
import { hasCome } from '../domain/key.ts';
import type { NextRevision, PreviousRevision } from './stored-revision.ts';

/** A rollout that decides which revision of its binding is in force for a key: it is open, or it is done and has exceptions. */
export interface RolloutFacts extends RolloutReach {
  readonly id: string;
  readonly bindingId: string;
  /** The number of the revision `after`. */
  readonly revision: number;
  /** Null: there was no revision before, or there is none after. */
  readonly before: PreviousRevision | null;
  readonly after: NextRevision | null;
  /** How many stops the brake lets the revision shorten, because its preview was confirmed. */
  readonly brakeBudget: number;
  readonly members: RolloutMembers;
}

/** An owner or a key that a rollout treats otherwise than the hash of its owner says. */
export interface MemberRow {
  readonly rolloutId: string;
  /** Null: the row is about an owner. */
  readonly keyId: string | null;
  /** The row of a key has the owner at the proposal, if that is another than the present one. */
  readonly ownerId: string | null;
  readonly position: number | null;
  readonly isEnrolled: boolean;
  readonly exceptUntil: string | null;
  readonly takesBrownouts: boolean;
  readonly enrolledAt: string | null;
  readonly consumers: readonly string[] | null;
}

/** That a manager wants brownouts of a key: since when, and which consumers may be refused without ending one. */
export interface BrownoutConsent {
  readonly enrolledAt: Date;
  readonly consumers: readonly string[];
}

/** The owners and keys of one rollout that differ. */
export class RolloutMembers {
  readonly #owners = new Map<string, MemberRow>();
  readonly #keys = new Map<string, MemberRow>();

  constructor(rows: readonly MemberRow[]) {
    for (const row of rows) {
      if (row.keyId !== null) this.#keys.set(row.keyId, row);
      else if (row.ownerId !== null) this.#owners.set(row.ownerId, row);
    }
  }

  /**
   * Returns the consent to brownouts of a key: its own, else that of its present owner; null: none was given. A key that was transferred
   * has only its own: what its new owner announced before was not announced on it.
   */
  findBrownoutConsent(keyId: string, presentOwnerId: string): BrownoutConsent | null {
    const key = this.#keys.get(keyId);
    const owner = key?.ownerId == null ? this.#owners.get(presentOwnerId) : undefined;
    const given = [key, owner].find((row) => row?.takesBrownouts === true);
    if (given?.enrolledAt == null) return null;
    return { enrolledAt: new Date(given.enrolledAt), consumers: given.consumers ?? [] };
  }

  /** Returns what places a key of an owner in the rollout. */
  find(keyId: string, presentOwnerId: string): RolloutMember {
    const key = this.#keys.get(keyId);
    const ownerId = key?.ownerId ?? presentOwnerId;
    const owner = this.#owners.get(ownerId);
    return {
      ownerId,
      position: owner?.position ?? null,
      isEnrolled: key?.isEnrolled === true || owner?.isEnrolled === true,
      exceptUntil: laterEnd(endOf(key), endOf(owner)),
    };
  }
}

function endOf(row: MemberRow | undefined): Date | null {
  return row?.exceptUntil == null ? null : new Date(row.exceptUntil);
}

/** Returns the end of a key's exception if it has not come; null: none is in force. */
export function activeException({ exceptUntil }: RolloutMember, now: Date): Date | null {
  return exceptUntil !== null && !hasCome(exceptUntil, now) ? exceptUntil : null;
}

type RolloutRow = Omit<RolloutFacts, 'salt' | 'members'> & { readonly salt: string };

/** The condition for the rollouts that evaluations need, for the table "Rollout" as `ro`. */
const isRelevant = Prisma.sql`(ro."endedAt" IS NULL OR (ro.state = 'DONE' AND ro."exceptionsUntil" IS NOT NULL))`;

/** Returns SQL for the rollouts of some realms, as JSON text. */
export function selectRollouts(realmIds: readonly string[]): Prisma.Sql {
  return Prisma.sql`
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
       'id', ro.id, 'bindingId', ro."bindingId", 'state', ro.state, 'revision', ro.revision, 'before', ro.before, 'after', ro.after,
       'stages', ro.stages, 'stage', ro.stage, 'threshold', ro.threshold, 'salt', encode(ro.salt, 'hex'),
       'brakeBudget', ro."brakeBudget") ORDER BY ro.id), '[]')::text
     FROM "Rollout" ro WHERE ro."realmId" = ANY(${[...realmIds]}) AND ${isRelevant})`;
}

/** Returns SQL for the owners, and the keys of these owners, that the rollouts of some realms treat otherwise, as JSON text. */
export function selectMembers(realmIds: readonly string[], ownerIds: readonly string[]): Prisma.Sql {
  const owners = [...ownerIds];
  const isOfRealm = Prisma.sql`ro."realmId" = ANY(${[...realmIds]}) AND ${isRelevant}`;
  return Prisma.sql`
    (SELECT coalesce(jsonb_agg(m ORDER BY m."rolloutId", m."keyId", m."ownerId"), '[]')::text FROM (
       SELECT k."rolloutId", k."keyId", k."ownerId", NULL::float8 AS position, k."isEnrolled", k."exceptUntil",
              k."takesBrownouts", k."enrolledAt", k.consumers
       FROM "RolloutKey" k JOIN "Rollout" ro ON ro.id = k."rolloutId"
       WHERE ${isOfRealm} AND k."presentOwnerId" = ANY(${owners})
       UNION ALL
       SELECT o."rolloutId", NULL, o."ownerId", o.position, o."isEnrolled", o."exceptUntil",
              o."takesBrownouts", o."enrolledAt", o.consumers
       FROM "RolloutOwner" o JOIN "Rollout" ro ON ro.id = o."rolloutId"
       WHERE ${isOfRealm} AND (o."ownerId" = ANY(${owners}) OR o."ownerId" IN (
         SELECT k."ownerId" FROM "RolloutKey" k WHERE k."presentOwnerId" = ANY(${owners})))) m)`;
}

/** Reads rollouts, by the id of their binding, from the JSON of `selectRollouts` and `selectMembers`. */
export function readRollouts(rollouts: string, members: string): ReadonlyMap<string, readonly RolloutFacts[]> {
  const found = JSON.parse(rollouts) as readonly RolloutRow[];
  if (found.length === 0) return new Map();
  const membersById = Map.groupBy(JSON.parse(members) as readonly MemberRow[], ({ rolloutId }) => rolloutId);
  const facts = found.map((row): RolloutFacts => {
    const members = new RolloutMembers(membersById.get(row.id) ?? []);
    return { ...row, salt: Buffer.from(row.salt, 'hex'), members };
  });
  return Map.groupBy(facts, ({ bindingId }) => bindingId);
}
