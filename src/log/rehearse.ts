import type { Core, Transaction } from '../store/core.ts';
import { forgetLoads, rememberLoads, shareLoads } from '../store/load-once.ts';
import { RequestError } from '../domain/request-error.ts';
import { change, RetryChange, shareIn, type Change, type ChangeBody } from './change.ts';
import type { RowWriter } from './deferred-rows.ts';
import { rehearseInTurn } from './rehearsal-turns.ts';

/** The cores of a change that needs something which must not be obtained while its transaction is open. */
export interface RehearsedCores<C extends Core> {
  /** The core of the rehearsal, which obtains what the change needs. */
  readonly rehearsal: C;
  /** The core of the transaction. What the rehearsal did not obtain makes it throw `RetryChange`. */
  readonly transaction: C;
  /** Whether the rehearsal may use what earlier ones loaded (see `loadSteady`), unless it is repeated. */
  readonly mayRemember: boolean;
}

/** How often a change is tried whose facts change between its rehearsal and its transaction. */
const ATTEMPTS_MAX = 6;

/** How many changes of one subject may run or wait in this process. The last one waits for seconds. */
export const TURNS_MAX = 50;

/** The methods of a model that write. */
const writes = /^(create|update|upsert|delete)/;

/** Raw statements that only read or lock rows, for all that is known. Without a transaction their locks end at once. */
const readingSql = /^\s*(SELECT|WITH)\b(?!.*\b(INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+"|MERGE\s+INTO)\b)/s;

/** Statements that only lock. A rehearsal does not send them, because it holds no lock. */
const lockingSql = /^\s*SELECT (1 FROM\b.*\bFOR (NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)|pg_advisory_xact_lock\b.*)\s*$/s;

/** Ends a rehearsal at its first write. */
class RehearsalOver extends Error {}

/** Thrown if the facts of a change were different at each attempt. Nothing has changed; the same request may succeed later. */
export class KeepsChanging extends RequestError {
  constructor() {
    super('UNAVAILABLE', 'The key, its owner or its policies keep changing. Try again.', { retryAfter: 1 });
  }
}

/**
 * Runs a change: first as a rehearsal, which reads without a transaction and obtains what the change needs; then in a
 * transaction. If the transaction lacks something, because the facts have changed in between, it is rolled back. The
 * change is then rehearsed again, at a new instant; if the transaction still lacks something, which only it can see
 * under its locks, this is obtained alone. Changes of one key that are run again in this process take turns. `ahead`: the
 * rehearsal of this change, with the same cores, if it has begun before. `turn`: the name of the changes with which the first
 * rehearsal takes turns (see `rehearseInTurn`); null: with none.
 *
 * @throws KeepsChanging (UNAVAILABLE) if the facts change at each attempt.
 */
export async function changeAfterRehearsal<T, C extends Core>(
  { rehearsal, transaction, mayRemember }: RehearsedCores<C>,
  rehearsed: (change: Change<C>) => Promise<unknown>,
  body: (change: Change<C>) => Promise<T>,
  run: (body: ChangeBody<T, C>) => Promise<T> = (one) => change(one.core, one.body, one.shared),
  ahead: Rehearsal | null = null,
  turn: string | null = null,
): Promise<T> {
  let shared = new Map<string, unknown>();
  const attempt = () =>
    run({ core: transaction, body, shared }).then(
      (value) => ({ value }),
      (error: unknown) => {
        if (error instanceof RetryChange) return error;
        throw error;
      },
    );
  const rehearseOnce = () => rehearse(rehearsal, rehearsed, (shared = new Map()), mayRemember);
  const rehearseAnew = async () => {
    await rehearseOnce();
    return attempt();
  };
  if (ahead !== null) shared = await ahead;
  else await (turn === null ? rehearseOnce() : rehearseInTurn(turn, rehearseOnce));
  const first = await attempt();
  if ('value' in first) return first.value;
  forgetLoads(rehearsal.prisma);
  return takeTurn(first.subject, async () => {
    let last = await rehearseAnew();
    for (let attempts = 2; !('value' in last) && attempts < ATTEMPTS_MAX; attempts += 1) {
      if (last.prepare === null) last = await rehearseAnew();
      else {
        await last.prepare();
        last = await attempt();
      }
    }
    if ('value' in last) return last.value;
    throw new KeepsChanging();
  });
}

/** What a rehearsal has found out for the transaction. */
export type Rehearsal = Promise<Map<string, unknown>>;

/** Rehearses a change before its turn, which later begins with its transaction: see `ahead` of `changeAfterRehearsal`. */
export async function rehearseAhead<C extends Core>(
  { rehearsal, mayRemember }: RehearsedCores<C>,
  rehearsed: (change: Change<C>) => Promise<unknown>,
): Rehearsal {
  const shared = new Map<string, unknown>();
  await rehearse(rehearsal, rehearsed, shared, mayRemember);
  return shared;
}

/** Changes of one subject that run or wait for their turn, and the last of them. */
interface Turns {
  count: number;
  last: Promise<unknown>;
}

const turns = new Map<string, Turns>();

/**
 * Runs a task when those of the same subject before it have ended, in this process. Without it, of many changes of one key
 * each would have to be run again for each other.
 *
 * @throws KeepsChanging at once if too many wait.
 */
async function takeTurn<T>(subject: string, run: () => Promise<T>): Promise<T> {
  const queue = turns.get(subject) ?? { count: 0, last: Promise.resolve() };
  if (queue.count >= TURNS_MAX) throw new KeepsChanging();
  queue.count += 1;
  turns.set(subject, queue);
  const turn = queue.last.then(run, run);
  queue.last = turn;
  try {
    return await turn;
  } finally {
    queue.count -= 1;
    if (queue.count === 0) turns.delete(subject);
  }
}

/**
 * Runs only the rehearsal of a change that writes nothing, and returns its result: it reads without a transaction, locks no
 * row, and obtains what the change needs.
 */
export function rehearseOnly<T, C extends Core>(
  { rehearsal, mayRemember }: RehearsedCores<C>,
  body: (change: Change<C>) => Promise<T>,
): Promise<T> {
  return body(rehearsedChange(rehearsal, new Map(), mayRemember));
}

/** Runs a change up to its first write. What it returns or throws is ignored: the transaction finds it again. */
async function rehearse<C extends Core>(
  core: C,
  body: (change: Change<C>) => Promise<unknown>,
  shared: Map<string, unknown>,
  mayRemember: boolean,
): Promise<void> {
  await body(rehearsedChange(core, shared, mayRemember)).catch(() => undefined);
}

function rehearsedChange<C extends Core>(core: C, shared: Map<string, unknown>, mayRemember: boolean): Change<C> {
  const tx = readOnly(core);
  shareLoads(tx);
  if (mayRemember) rememberLoads(tx, core.prisma);
  return {
    core,
    tx,
    now: () => core.clock.now(),
    rows: deferNothing,
    writeRows: () => Promise.resolve(),
    record: endRehearsal,
    noteQuietly: endRehearsal,
    afterCommit: () => {},
    isRehearsal: true,
    ...shareIn(shared),
  };
}

function readOnly({ prisma }: Core): Transaction {
  return new Proxy(prisma, {
    get(client, name) {
      if (name === '$executeRaw' || name === '$executeRawUnsafe') return endRehearsal;
      const member: unknown = Reflect.get(client, name, client);
      if (name === '$queryRaw') return queryReading(client);
      if (typeof member === 'function') return member.bind(client) as unknown;
      return typeof member === 'object' && member !== null ? readOnlyModel(member) : member;
    },
  });
}

function readOnlyModel(model: object): object {
  return new Proxy(model, {
    get: (target, name) =>
      typeof name === 'string' && writes.test(name) ? endRehearsal : (Reflect.get(target, name, target) as unknown),
  });
}

function queryReading(client: Transaction): Transaction['$queryRaw'] {
  return ((query: TemplateStringsArray | { readonly sql: string }, ...values: unknown[]) => {
    const sql = 'sql' in query ? query.sql : query.join('?');
    if (lockingSql.test(sql)) return Promise.resolve([{}]);
    if (!readingSql.test(sql)) endRehearsal();
    return client.$queryRaw(query as TemplateStringsArray, ...values);
  }) as Transaction['$queryRaw'];
}

const deferNothing: RowWriter = {
  insert: endRehearsal,
  update: endRehearsal,
  upsert: endRehearsal,
  delete: endRehearsal,
  add: endRehearsal,
};

function endRehearsal(): never {
  throw new RehearsalOver();
}
