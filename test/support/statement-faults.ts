import { Client } from 'pg';

/** Which statement of a transaction something happens at. */
export interface FaultPlace {
  /**
   * Counted from BEGIN, which is the first, or the first of its kind. INSERT and COMMIT_OF_EVENTS: the first INSERT, and the
   * commit of the first transaction that records events, whatever other transactions the process begins before.
   */
  readonly at: number | 'INSERT' | 'COMMIT' | 'COMMIT_OF_EVENTS';
  /** SENT: the database has the statement, and its answer is never read. AFTER: its answer has been read. */
  readonly when: 'BEFORE' | 'SENT' | 'AFTER';
}

type Query = (this: Client, ...args: unknown[]) => unknown;
type Connection = Client & { readonly connection: { readonly stream: { destroy(): void } } };

/** Counts the statements of the next transaction that this process begins, and lets something happen at one of them. */
export class StatementFaults {
  readonly #happens: (client: Client) => void;
  #place: FaultPlace | null = null;
  #isArmed = false;
  #client: Client | null = null;
  #statements: string[] = [];
  #hit: Client | null = null;
  /** The connections whose open transactions have recorded events. */
  readonly #recording = new WeakSet<Client>();

  /** `happens` is given the connection that the statement belongs to. There is one of these in a process. */
  constructor(happens: (client: Client) => void) {
    this.#happens = happens;
    const query = Client.prototype.query as Query;
    const meet = (client: Client, args: unknown[]) => this.#meet(client, query, args);
    Client.prototype.query = function (this: Client, ...args: unknown[]) {
      return meet(this, args);
    } as typeof Client.prototype.query;
  }

  /** From now on the next transaction counts. Null: nothing happens to it. */
  arm(place: FaultPlace | null): void {
    this.#place = place;
    this.#isArmed = true;
    this.#client = null;
    this.#statements = [];
    this.#hit = null;
  }

  /** The statements of that transaction so far. */
  get statements(): readonly string[] {
    return this.#statements;
  }

  /** The connection at which it happened; null: it did not. */
  get hit(): Client | null {
    return this.#hit;
  }

  #meet(client: Client, query: Query, args: unknown[]): unknown {
    const text = (args[0] as { text?: string } | null)?.text ?? String(args[0]);
    const isFirst = this.#isArmed && this.#client === null;
    if (this.#place?.at === 'COMMIT_OF_EVENTS') {
      // All transactions are watched, because several may be open at once.
      if (text === 'BEGIN') this.#recording.delete(client);
      if (recordsEvents(text)) this.#recording.add(client);
      if (isFirst && text === 'COMMIT' && this.#recording.has(client)) this.#client = client;
    } else if (this.#place?.at === 'INSERT') {
      if (isFirst && this.#isAt('INSERT', text)) this.#client = client;
    } else if (isFirst && text === 'BEGIN') this.#client = client;
    if (!this.#isArmed || this.#client !== client) return query.apply(client, args);
    this.#statements.push(text);
    if (text === 'COMMIT' || text === 'ROLLBACK') this.#isArmed = false;
    if (this.#place === null || !this.#isAt(this.#place.at, text)) return query.apply(client, args);
    this.#isArmed = false;
    this.#hit = client;
    if (this.#place.when === 'BEFORE') this.#happens(client);
    const answer = query.apply(client, args) as Promise<unknown>;
    if (this.#place.when === 'SENT') this.#happens(client);
    if (this.#place.when === 'AFTER') return answer.finally(() => this.#happens(client));
    return answer;
  }

  #isAt(at: FaultPlace['at'], text: string): boolean {
    if (at === 'COMMIT_OF_EVENTS') return text === 'COMMIT';
    if (at === 'INSERT') return text.includes('INSERT INTO');
    return typeof at === 'number' ? this.#statements.length === at : text.trimStart().startsWith(at);
  }
}

function recordsEvents(text: string): boolean {
  return text.includes('UPDATE "LogHead"');
}

/** What happens when a node is gone from one moment to the next, as far as the database can tell. */
export function cutConnection(client: Client): void {
  (client as Connection).connection.stream.destroy();
}
