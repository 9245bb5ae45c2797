import { Prisma } from '../../prisma/generated/client/client.ts';
import { HOUR_MS, SECOND_MS } from '../domain/duration.ts';
import { addMs, hasCome } from '../domain/key.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core, Transaction } from '../store/core.ts';
import { isRunnable, type Policies } from './policies.ts';
import { COMPACT_VERDICTS, hasJsonVerdicts, storeCompact } from './stored-verdicts.ts';

/** How often a node writes its heartbeat, and after how long without one it counts as dead. */
const BEAT_MS = 10 * SECOND_MS;
const NODE_TTL_MS = 3 * BEAT_MS;

/** Among the formats that a node reads: rows of `OperationMail`, whose `isUnsent` it writes. */
export const OPERATION_MAILS = 'OPERATION_MAILS_2';

/** Among the formats that a node reads: rollouts, which decide which revision of a binding is in force for a key. */
export const ROLLOUTS = 'ROLLOUTS_1';

/** A heartbeat that comes later than this after the one before is late: meanwhile rows of live nodes may have been deleted. */
const LATE_MS = 2 * BEAT_MS;

/**
 * For how long every live node must have read the compact format before it is stored. When the database pauses, live nodes of
 * the release before count as dead until their next heartbeat; an hour is far longer than a node takes to write it.
 */
const SETTLED_MS = HOUR_MS;

interface HeartbeatOptions {
  readonly nodeId: string;
  /** The release that the node runs. */
  readonly release: string;
  readonly onFailure: (error: unknown) => void;
}

/** Writes to the database that this node is alive, and which modules it can run and stored formats it can read. */
export class Heartbeat {
  readonly #core: Core & { readonly policies: Policies };
  readonly #options: HeartbeatOptions;
  readonly #startedAt: Date;
  #timer: Cancel | null = null;
  #beating: Promise<unknown> = Promise.resolve();
  #isStopping = false;
  /** When the last heartbeat was written. Null: it failed, or there is none yet. */
  #beatAt: Date | null = null;
  /** Since when no heartbeat was late, and each found that every live node reads the compact format. Null: the last did not. */
  #readSince: Date | null = null;

  constructor(core: Core & { readonly policies: Policies }, options: HeartbeatOptions) {
    this.#core = core;
    this.#options = options;
    this.#startedAt = core.clock.now();
  }

  async start(): Promise<void> {
    await this.beat();
    this.#schedule();
  }

  /** Writes the heartbeat now, and deletes those of dead nodes. Decides whether verdicts are stored in the compact format. */
  async beat(): Promise<void> {
    const { prisma, clock } = this.#core;
    const now = clock.now();
    try {
      const nodes = await this.#write(now);
      const isRead = nodes.every(({ formats }) => formats.includes(COMPACT_VERDICTS));
      const isLate = this.#beatAt === null || now.getTime() - this.#beatAt.getTime() > LATE_MS;
      this.#beatAt = now;
      this.#readSince = isRead ? ((isLate ? null : this.#readSince) ?? now) : null;
      storeCompact(prisma, await this.#mayStoreCompact(now));
    } catch (error) {
      this.#beatAt = null;
      this.#readSince = null;
      storeCompact(prisma, false);
      throw error;
    }
  }

  /**
   * Whether the compact format may be stored: every live node has read it for long enough, or reads it and the database has
   * no verdicts of a release that does not. A new database has none, nor has one whose rows were all rewritten.
   */
  async #mayStoreCompact(now: Date): Promise<boolean> {
    if (this.#readSince === null) return false;
    return hasCome(addMs(this.#readSince, SETTLED_MS), now) || !(await hasJsonVerdicts(this.#core.prisma));
  }

  async #write(seenAt: Date) {
    const { prisma, policies } = this.#core;
    const { nodeId: id, release } = this.#options;
    const hashes = policies
      .versions()
      .map(({ hash }) => hash)
      .filter((hash) => isRunnable(policies, hash));
    const current = policies.versions().flatMap(({ hash, isCurrent }) => (isCurrent ? [hash] : []));
    const row = { seenAt, hashes, current, formats: [COMPACT_VERDICTS, OPERATION_MAILS, ROLLOUTS] };
    const facts = { release, startedAt: this.#startedAt };
    await prisma.node.upsert({ where: { id }, create: { id, ...row, ...facts }, update: row });
    await prisma.node.deleteMany({ where: { seenAt: { lt: addMs(seenAt, -NODE_TTL_MS) } } });
    return liveNodes(prisma, seenAt);
  }

  /** Deletes this node's heartbeat. Other nodes then no longer leave work to this node. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.();
    await this.#beating.catch(() => undefined);
    await this.#core.prisma.node.deleteMany({ where: { id: this.#options.nodeId } }).catch(this.#options.onFailure);
  }

  #schedule(): void {
    if (this.#isStopping) return;
    this.#timer = this.#core.clock.after(BEAT_MS, () => {
      this.#beating = this.beat()
        .catch(this.#options.onFailure)
        .finally(() => this.#schedule());
    });
  }
}

/**
 * Returns the realms whose reviews are left to other nodes: this node lacks a module of the realm's bindings, and
 * another node has all of the realm's modules.
 */
export async function realmsForOtherNodes(tx: Transaction, policies: Policies, now: Date): Promise<readonly string[]> {
  const bindings = await tx.binding.findMany({
    where: { unboundAt: null, OR: [{ mode: { not: 'PAUSED' } }, { rollouts: { some: { endedAt: null } } }] },
    select: { realmId: true, hash: true },
    distinct: ['realmId', 'hash'],
  });
  const missing = bindings.filter(({ hash }) => !isRunnable(policies, hash));
  if (missing.length === 0) return [];
  const nodes = (await liveNodes(tx, now)).map(({ hashes }) => new Set(hashes));
  return [...new Set(missing.map(({ realmId }) => realmId))].filter((realmId) => {
    const needed = bindings.filter((binding) => binding.realmId === realmId);
    return nodes.some((hashes) => needed.every(({ hash }) => hashes.has(hash)));
  });
}

/** Whether any live node can run a version of a module. */
export async function isOnSomeNode(tx: Transaction, hash: string, now: Date): Promise<boolean> {
  return (await liveNodes(tx, now)).some(({ hashes }) => hashes.includes(hash));
}

/** Whether a version is the current one of its module on every live node. */
export async function isOnEveryNode(tx: Transaction, hash: string, now: Date): Promise<boolean> {
  return (await liveNodes(tx, now)).every(({ current }) => current.includes(hash));
}

/**
 * Returns the SQL condition that every node which is seen reads a format of stored values. It delays what a node of an earlier
 * release would get wrong, and must not be relied on: such a node may run without being seen while its heartbeat is late, or
 * start a moment later.
 */
export function everyNodeReads(format: string, now: Date): Prisma.Sql {
  return Prisma.sql`NOT EXISTS (
    SELECT FROM "Node" WHERE "seenAt" > ${addMs(now, -NODE_TTL_MS)} AND NOT ${format} = ANY(formats))`;
}

/** Returns the nodes whose last heartbeat is not too old. */
export function liveNodes(tx: Pick<Transaction, 'node'>, now: Date) {
  return tx.node.findMany({ where: { seenAt: { gt: addMs(now, -NODE_TTL_MS) } } });
}
