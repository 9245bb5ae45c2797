import { openFollower } from '../../support/follower.ts';
import { openKeyWorld, type KeyWorld } from '../../support/key-world.ts';
import { outcomeOf, type Outcome, type Purpose } from '../../../src/domain/verification.ts';
import { decideOutcome } from '../../../src/keys/decide-outcome.ts';
import { UseRecorder } from '../../../src/keys/use-recorder.ts';
import { changesOf } from '../../../src/keys/table/follow-changes.ts';
import type { Changes } from '../../../src/keys/table/changes.ts';
import { fillTable } from '../../../src/keys/table/fill-table.ts';
import type { Filling } from '../../../src/keys/table/filling.ts';
import { KeyTable, STALE_MS, BEHIND_MS, type Freshness } from '../../../src/keys/table/key-table.ts';
import { loadSecrets } from '../../../src/keys/table/load-secrets.ts';
import type { StoredSecret } from '../../../src/verifier/stored-secret.ts';
import { isUnavailable } from '../../../src/store/unavailable.ts';
import type { Follower } from '../../../src/log/follower.ts';
import type { OpenCore } from '../../support/core.ts';

/** A bug that is planted where a table gets its news and its rows. */
export interface TableBug {
  readonly name: string;
  /** Alters the news of the log or of the node's own commits before the table gets it; null: the table gets none. */
  readonly news?: (changes: Changes, from: 'LOG' | 'OWN') => Changes | null;
  readonly freshness?: (real: Freshness) => Freshness;
  /** Changes the rows that the table reads. */
  readonly rows?: (rows: StoredSecret[], earlier: StoredSecret[]) => StoredSecret[];
  /** Changes the actions of a realm that the table reads when the realm has changed. */
  readonly actions?: (names: readonly string[]) => readonly string[];
  /** Whether the time of a decision is that of the table's making. */
  readonly hasStoppedClock?: boolean;
  /** Breaks a filling of the table. */
  readonly filling?: (filling: Filling) => void;
}

/** A node: its table, and a line to the database and the log that can be cut. */
export class TestNode {
  readonly core: OpenCore & { readonly uses: UseRecorder; readonly keyTable: KeyTable };
  readonly table: KeyTable;
  readonly #world: KeyWorld;
  readonly #follower: Follower;
  readonly #clock: { now(): Date };
  #isCut = false;
  #isAway = false;
  #mayEnd: Promise<void> = Promise.resolve();
  #knownAt: Date;
  #held: Changes[] = [];
  #endFilling: (() => Promise<void>) | null = null;

  constructor(world: KeyWorld, follower: Follower, bug: TableBug | null) {
    this.#world = world;
    this.#follower = follower;
    this.#knownAt = world.clock.now();
    const real: Freshness = {
      lagMs: () => world.clock.now().getTime() - this.#knownAt.getTime(),
      catchUp: () => this.catchUp(),
    };
    let earlier: StoredSecret[] = [];
    const prisma = {
      $queryRaw: async (...args: Parameters<typeof world.prisma.$queryRaw>) => {
        if (this.#isAway) throw new Error('Connection terminated');
        const mayEnd = this.#mayEnd;
        const rows = (await world.prisma.$queryRaw(...args)) as StoredSecret[];
        this.#onRead();
        await mayEnd;
        const changed = bug?.rows?.(rows, earlier) ?? rows;
        earlier = rows;
        return changed;
      },
      realm: {
        findMany: async (...args: Parameters<typeof world.prisma.realm.findMany>) => {
          const realms = (await world.prisma.realm.findMany(...args)) as unknown as { actions: { name: string }[] }[];
          const keep = bug?.actions ?? ((names: readonly string[]) => names);
          return realms.map((realm) => {
            const names = keep(realm.actions.map(({ name }) => name));
            return { ...realm, actions: names.map((name) => ({ name })) };
          });
        },
      },
    } as unknown as KeyWorld['prisma'];
    this.table = new KeyTable(
      { prisma, clock: world.clock },
      { freshness: bug?.freshness?.(real) ?? real, capacity: 1_000, onFailure: () => undefined },
    );
    const startFilling = this.table.startFilling.bind(this.table);
    this.table.startFilling = () => {
      const filling = startFilling();
      bug?.filling?.(filling);
      return filling;
    };
    const startedAt = world.clock.now();
    this.#clock = bug?.hasStoppedClock === true ? { now: () => startedAt } : world.clock;
    const tell = (changes: Changes, from: 'LOG' | 'OWN') => {
      const told = bug?.news === undefined ? changes : bug.news(changes, from);
      if (told !== null) this.table.noteChanges(told);
    };
    const receive = (changes: Changes) => {
      if (this.#isCut) this.#held.push(changes);
      else tell(changes, 'LOG');
    };
    this.#release = () => {
      for (const changes of this.#held) tell(changes, 'LOG');
      this.#held = [];
    };
    follower.watch((events) => receive(changesOf(events)));
    follower.watchQuietly((keyIds) => (keyIds === null ? this.table.clear() : receive(changesOf([], keyIds))));
    const onCommit: OpenCore['onCommit'] = (...committed) => tell(changesOf(...committed), 'OWN');
    const core = { ...world, onCommit, keyTable: this.table };
    this.core = { ...core, uses: new UseRecorder(core, () => undefined) };
  }

  readonly #release: () => void;
  #onRead: () => void = () => undefined;

  /** Cuts the log's line; also the database's, or not. */
  cut(isAway: boolean): void {
    this.#isCut = true;
    this.#isAway = isAway;
  }

  /**
   * Delays the results of the next read. Resolves when the database has answered it; the returned function lets the
   * results arrive.
   */
  async delayRead(start: () => Promise<unknown>): Promise<() => Promise<unknown>> {
    const end = Promise.withResolvers<void>();
    const read = Promise.withResolvers<void>();
    this.#mayEnd = end.promise;
    this.#onRead = read.resolve;
    const started = start();
    await read.promise;
    this.#mayEnd = Promise.resolve();
    this.#onRead = () => undefined;
    return () => {
      end.resolve();
      return started;
    };
  }

  /** Begins to fill the table: its snapshot is taken. Resolves when that is so; `endFilling` lets the rows arrive. */
  async beginFilling(): Promise<void> {
    if (this.#endFilling !== null) return;
    const mayRead = Promise.withResolvers<void>();
    const snapshot = Promise.withResolvers<void>();
    const connect = async () => {
      const client = this.#world.store.openClient();
      await client.connect();
      const query = client.query.bind(client) as (...args: readonly unknown[]) => Promise<unknown>;
      client.query = (async (...args: readonly unknown[]) => {
        const result = await query(...args);
        if (!String(args[0]).includes('LogHead')) return result;
        snapshot.resolve();
        await mayRead.promise;
        client.query = query as never;
        return result;
      }) as never;
      return client;
    };
    const filled = fillTable(this.table, {
      connect,
      clock: this.#world.clock,
      head: () => this.#follower.head,
      signal: new AbortController().signal,
    }).catch((error: unknown) => {
      snapshot.resolve();
      // A node that was cut off has missed changes.
      if (!/changes may have been missed/.test(String(error))) throw error;
    });
    this.#endFilling = () => {
      mayRead.resolve();
      return filled;
    };
    await Promise.race([snapshot.promise, filled]);
  }

  async endFilling(): Promise<void> {
    const end = this.#endFilling;
    this.#endFilling = null;
    await end?.();
  }

  async mend(): Promise<void> {
    this.#isCut = false;
    this.#isAway = false;
    await this.catchUp();
  }

  get isFilling(): boolean {
    return this.#endFilling !== null;
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** What a node that is cut off still answers from: so far back. */
  get boundMs(): number {
    return this.#isAway ? STALE_MS : BEHIND_MS;
  }

  async catchUp(): Promise<void> {
    if (this.#isAway) throw new Error('Connection terminated');
    if (this.#isCut) {
      // The log answers nothing; the database does.
      throw new Error('The database did not respond within 5000 ms.');
    }
    const startedAt = this.#world.clock.now();
    await this.#follower.catchUp();
    this.#release();
    this.#knownAt = startedAt;
  }

  /** What the node says of a secret; UNAVAILABLE: it cannot know. */
  async ask(secret: string, purpose: Purpose | null): Promise<Outcome | 'UNAVAILABLE'> {
    try {
      const services = { keyTable: this.table, clock: { ...this.#world.clock, now: () => this.#clock.now() } };
      return (await decideOutcome(services as never, secret, purpose)).outcome;
    } catch (error) {
      if (isUnavailable(error)) return 'UNAVAILABLE';
      throw error;
    }
  }
}

export interface TwoNodes {
  readonly world: KeyWorld;
  readonly nodes: readonly [TestNode, TestNode];
}

/** Opens two nodes on one database, each with a follower of its own. */
export async function openTwoNodes(bug: TableBug | null = null): Promise<TwoNodes> {
  const world = await openKeyWorld();
  const nodes = [];
  for (let index = 0; index < 2; index += 1) {
    const { follower } = await openFollower(world, { mayFail: true });
    nodes.push(new TestNode(world, follower, bug));
  }
  return { world, nodes: nodes as unknown as TwoNodes['nodes'] };
}

/** What the database says of a secret now. */
export async function readTruth(world: KeyWorld, digest: string): Promise<StoredSecret | null> {
  return (await loadSecrets(world, [digest]))[0] ?? null;
}

export function outcomeBy(facts: StoredSecret | null, purpose: Purpose | null, now: Date): Outcome {
  return facts === null ? 'KEY_UNKNOWN' : outcomeOf(facts, purpose, now);
}
