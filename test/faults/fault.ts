import type { Draw } from '../support/seeded-random.ts';
import type { FaultyNode } from './nodes.ts';
import type { OwnDatabase } from './own-database.ts';

/** Something that goes wrong, with a node or with the database, and is mended after a while. */
export interface Fault {
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

type OfNode = (node: FaultyNode) => Fault;
type OfDatabase = (database: OwnDatabase) => Fault;

/** What goes wrong with one node. */
const ofNode: Readonly<Record<string, OfNode>> = {
  'is killed': (node) => ({ begin: () => node.kill(), end: () => node.start() }),
  'is stopped': (node) => ({ begin: () => node.signal('SIGSTOP'), end: () => node.signal('SIGCONT') }),
  'loses its way to the database': ({ toDatabase }) => ({ begin: toDatabase.cut, end: toDatabase.mend }),
  'hears nothing from the database': ({ toDatabase }) => ({ begin: toDatabase.stall, end: toDatabase.mend }),
  'loses its callers': ({ toCallers }) => ({ begin: toCallers.cut, end: toCallers.mend }),
  'hears nothing from its callers': ({ toCallers }) => ({ begin: toCallers.stall, end: toCallers.mend }),
  'has a clock that jumps': (node) => ({ begin: () => node.signal('SIGUSR2'), end: () => undefined }),
};

/** What goes wrong with the database. */
const ofDatabase: Readonly<Record<string, OfDatabase>> = {
  'is restarted': (database) => ({ begin: () => database.end('SIGINT'), end: () => database.start() }),
  crashes: (database) => ({ begin: () => database.end('SIGQUIT'), end: () => database.start() }),
  'is full': (database) => ({ begin: () => database.fill(true), end: () => database.fill(false) }),
  'may not be written': (database) => ({
    begin: () => database.forbidWrites(true),
    end: () => database.forbidWrites(false),
  }),
};

/** A fault of a schedule: when it begins, and for how long it lasts, in ms. */
export interface Planned {
  readonly name: string;
  readonly at: number;
  readonly lastsMs: number;
  readonly fault: Fault;
}

/** Within a round faults begin so early, and last so long. */
const BEGINS_WITHIN_MS = 700;
const SHORTEST_MS = 150;
const LONGEST_MS = 1_100;

/**
 * Deals out the faults of some rounds, each kind as often as any other: one or two of nodes a round, and every other time
 * one of the database.
 */
export function planRounds(
  draw: Draw,
  count: number,
  nodes: readonly FaultyNode[],
  database: OwnDatabase,
): readonly (readonly Planned[])[] {
  const nodeKinds = dealer(draw, Object.entries(ofNode));
  const databaseKinds = dealer(draw, Object.entries(ofDatabase));
  const when = () => ({
    at: draw.below(BEGINS_WITHIN_MS),
    lastsMs: SHORTEST_MS + draw.below(LONGEST_MS - SHORTEST_MS),
  });
  return Array.from({ length: count }, (_, round) => {
    const struck = draw.shuffle(nodes).slice(0, 1 + draw.below(2));
    const planned = struck.map((node): Planned => {
      const [name, make] = nodeKinds();
      return { name: `node ${node.number} ${name}`, ...when(), fault: make(node) };
    });
    if (round % 2 === 1) {
      const [name, make] = databaseKinds();
      planned.push({ name: `the database ${name}`, ...when(), fault: make(database) });
    }
    return planned;
  });
}

/** Deals from a shuffled pack, and shuffles it again when it is through. */
function dealer<Card>(draw: Draw, cards: readonly Card[]): () => Card {
  let pack: Card[] = [];
  return () => {
    if (pack.length === 0) pack = draw.shuffle(cards);
    return pack.pop() as Card;
  };
}
