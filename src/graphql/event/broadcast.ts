import type { Event } from '../../../prisma/generated/client/client.ts';
import { latest } from '../../domain/key.ts';
import type { EventQuery } from '../../log/event-query.ts';
import { followLog } from '../../log/follow-log.ts';
import type { Services } from '../context.ts';

type BroadcastServices = Pick<Services, 'follower' | 'clock'>;

/** What a group of identical subscriptions shares: which events it reads, and the result for each. */
export interface BroadcastSource {
  /** Which stored events the group reads. */
  readonly choice: EventQuery;
  /** Whether the group gets the event. */
  matches(event: Event): Promise<boolean>;
  /** Returns the result for an event as JSON, or null if it has errors: then each member must execute it by itself. */
  resultFor(event: Event): Promise<string | null>;
}

/** One subscription of a group. */
export interface Member {
  /** Whether the member may receive all events so far. `recordedTo` is when the latest was recorded, or now if later. */
  maySendAll(recordedTo: Date): boolean;
  /** Sends results. Returns false, and sends none, if the member does not keep up. */
  send(results: readonly Buffer[]): boolean;
  /** Aborts when the subscription has ended. */
  readonly signal: AbortSignal;
}

/** The most events that are sent at once. */
const BATCH = 32;

/**
 * Sends events to groups of identical subscriptions: those with the same operation whose callers may see the same. Each
 * event is matched and executed once for the whole group. A subscription joins when it has caught up with the log. It
 * leaves when it does not keep up, when its credential is in doubt, or when an event cannot be executed. It then
 * continues by itself from the position up to which it got everything, and may join again.
 */
export class Broadcast {
  readonly #services: BroadcastServices;
  readonly #groups = new Map<string, Group>();

  constructor(services: BroadcastServices) {
    this.#services = services;
  }

  /** Joins the group with this key, and resolves with the position from which the member continues by itself. */
  async join(groupKey: string, position: bigint, member: Member, createSource: () => BroadcastSource): Promise<bigint> {
    let group = this.#groups.get(groupKey);
    if (group === undefined) {
      group = new Group(this.#services, position, createSource());
      this.#groups.set(groupKey, group);
      const created = group;
      void created.ended.then(() => {
        if (this.#groups.get(groupKey) === created) this.#groups.delete(groupKey);
      });
    }
    return group.join(position, member);
  }
}

interface SharedResult {
  readonly position: bigint;
  readonly bytes: Buffer;
}

interface MemberState {
  readonly position: bigint;
  readonly leave: (position: bigint) => void;
}

class Group {
  readonly ended: Promise<void>;
  readonly #services: BroadcastServices;
  readonly #source: BroadcastSource;
  readonly #abort = new AbortController();
  readonly #members = new Map<Member, MemberState>();
  #position: bigint;

  constructor(services: BroadcastServices, position: bigint, source: BroadcastSource) {
    this.#services = services;
    this.#source = source;
    this.#position = position;
    // An error is not reported here: each member that then continues by itself reports it.
    this.ended = this.#run()
      .catch(() => undefined)
      .then(() => this.#dissolve());
  }

  /** Adds a member. A member behind the group gets its position back at once: it must first catch up by itself. */
  join(position: bigint, member: Member): Promise<bigint> {
    if (this.#abort.signal.aborted || member.signal.aborted || position < this.#position)
      return Promise.resolve(position);
    return new Promise((resolve) => {
      const onAbort = () => this.#leave(member);
      member.signal.addEventListener('abort', onAbort);
      const leave = (reached: bigint) => {
        member.signal.removeEventListener('abort', onAbort);
        resolve(reached);
      };
      this.#members.set(member, { position, leave });
    });
  }

  async #run(): Promise<void> {
    const options = { signal: this.#abort.signal, getQuery: () => this.#source.choice };
    for await (const { events, readTo } of followLog(this.#services, this.#position, options)) {
      for (let start = 0; start < events.length; start += BATCH) {
        if (!(await this.#sendBatch(events.slice(start, start + BATCH)))) return;
      }
      this.#position = readTo;
    }
  }

  /** Sends a batch to the group. Returns false if an event cannot be executed for the group. */
  async #sendBatch(events: readonly Event[]): Promise<boolean> {
    const results: SharedResult[] = [];
    for (const event of events) {
      const text = (await this.#source.matches(event)) ? await this.#source.resultFor(event) : undefined;
      if (text === null) return false;
      if (text !== undefined) results.push({ position: event.position, bytes: Buffer.from(text) });
    }
    this.#send(results, events.map(({ recordedAt }) => recordedAt).reduce(latest, this.#services.clock.now()));
    this.#position = events.at(-1)?.position ?? this.#position;
    return true;
  }

  /**
   * Sends results to the members that may receive them. Checks each member even without results: a member that now sees
   * other events than the group must leave before the group skips those events.
   */
  #send(results: readonly SharedResult[], recordedTo: Date): void {
    const all = results.map(({ bytes }) => bytes);
    for (const [member, { position }] of this.#members) {
      const isAhead = results.some((result) => result.position <= position);
      const own = isAhead ? results.flatMap((result) => (result.position > position ? [result.bytes] : [])) : all;
      if (!member.maySendAll(recordedTo) || (own.length > 0 && !member.send(own))) this.#leave(member);
    }
  }

  /** Removes a member. A member that joined ahead of the group has received everything up to where it joined. */
  #leave(member: Member): void {
    const place = this.#members.get(member);
    if (place === undefined) return;
    this.#members.delete(member);
    place.leave(place.position > this.#position ? place.position : this.#position);
    if (this.#members.size === 0) this.#abort.abort();
  }

  #dissolve(): void {
    this.#abort.abort();
    for (const member of this.#members.keys()) this.#leave(member);
  }
}
