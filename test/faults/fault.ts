import type { MailServer } from '../support/mail-server.ts';
import type { Draw } from '../support/seeded-random.ts';
import type { FaultyNode } from './nodes.ts';
import type { OwnDatabase } from './own-database.ts';

/** Something that goes wrong, with a node or with what all of them use, and is mended after a while. */
export interface Fault {
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

type OfNode = (node: FaultyNode) => Fault;
type OfAll = (shared: Shared) => Fault;

/** What all nodes use. */
export interface Shared {
  readonly database: OwnDatabase;
  readonly mails: MailServer;
}

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

/** What goes wrong with what all of them use. */
const ofAll: Readonly<Record<string, OfAll>> = {
  'the database is restarted': ({ database }) => ({ begin: () => database.end('SIGINT'), end: () => database.start() }),
  'the database crashes': ({ database }) => ({ begin: () => database.end('SIGQUIT'), end: () => database.start() }),
  'the database is full': ({ database }) => ({ begin: () => database.fill(true), end: () => database.fill(false) }),
  'the database may not be written': ({ database }) => ({
    begin: () => database.forbidWrites(true),
    end: () => database.forbidWrites(false),
  }),
  'the mail server takes nothing': ({ mails }) => ({
    begin: () => void (mails.isDown = true),
    end: () => void (mails.isDown = false),
  }),
};

/** A fault of a schedule: when it begins, and for how long it lasts, in ms. */
export interface PlannedFault {
  readonly name: string;
  readonly at: number;
  readonly lastsMs: number;
  readonly fault: Fault;
}

/** Within a round faults begin so early, and last so long. */
const BEGINS_WITHIN_MS = 700;
const SHORT_MS = [150, 1_100] as const;

/** Some last for longer than a node is waited for, and than what it had taken is left to it. */
const LONG_MS = [6_000, 40_000] as const;

export interface Plan {
  readonly draw: Draw;
  /** Of rounds. */
  readonly count: number;
  readonly nodes: readonly FaultyNode[];
  readonly shared: Shared;
  /** The chance of a fault to last long. */
  readonly shareOfLong: number;
}

/**
 * Deals out the faults of some rounds, each kind as often as any other: one or two of nodes a round, and every other time
 * one of what all of them use.
 */
export function planRounds({ draw, count, nodes, shared, shareOfLong }: Plan): (readonly PlannedFault[])[] {
  const nodeKinds = dealer(draw, Object.entries(ofNode));
  const sharedKinds = dealer(draw, Object.entries(ofAll));
  const when = () => ({
    at: draw.below(BEGINS_WITHIN_MS),
    lastsMs: between(draw, draw.isChance(shareOfLong) ? LONG_MS : SHORT_MS),
  });
  return Array.from({ length: count }, (_, round) => {
    const struck = draw.shuffle(nodes).slice(0, 1 + draw.below(2));
    const planned = struck.map((node): PlannedFault => {
      const [name, make] = nodeKinds();
      return { name: `node ${node.number} ${name}`, ...when(), fault: make(node) };
    });
    if (round % 2 === 1) {
      const [name, make] = sharedKinds();
      planned.push({ name, ...when(), fault: make(shared) });
    }
    return planned;
  });
}

function between(draw: Draw, [least, most]: readonly [number, number]): number {
  return least + draw.below(most - least);
}

/** Deals from a shuffled pack, and shuffles it again when it is through. */
function dealer<Card>(draw: Draw, cards: readonly Card[]): () => Card {
  let pack: Card[] = [];
  return () => {
    if (pack.length === 0) pack = draw.shuffle(cards);
    return pack.pop() as Card;
  };
}
