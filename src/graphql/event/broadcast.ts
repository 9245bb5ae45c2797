import type { Event } from '../../../prisma/generated/client/client.ts';
import { latest } from '../../domain/key.ts';
import { retryWhileUnavailable } from '../../log/retry-while-unavailable.ts';
import type { EventQuery } from '../../log/event-query.ts';
import type { Services } from '../context.ts';

type BroadcastServices = Pick<Services, 'follower' | 'clock'>;

/** What a subscription does for all that are like it. */
export interface BroadcastSource {
  /** What they choose of what is stored. */
  readonly choice: EventQuery;
  /** Whether the event is for them. */
  matches(event: Event): Promise<boolean>;
  /** Their result for an event, as JSON; null: each has to find out by itself what is wrong with it. */
  resultFor(event: Event): Promise<string | null>;
}

/** One of many subscriptions that are told together. */
export interface Member {
  /** Whether it may be sent what the node knows of, recorded up to a moment that is not before now. */
  maySendAll(recordedTo: Date): boolean;
  /** False: it does not keep up, and has got none of them. */
  send(results: readonly Buffer[]): boolean;
  /** Aborts when it is over. */
  readonly signal: AbortSignal;
}

/** How many events are sent at once, when that many are there. */
const BATCH = 32;

/**
 * Tells subscriptions that are alike, which ask the same and may see the same, of what happens: each event is looked at and
 * executed once for all of them. Whoever is up with the log joins in, and leaves with the position up to which everything was
 * sent to it: when it does not keep up, when it is in doubt whether it still may be told, or when an event cannot be
 * executed. Then it goes on by itself from there, and may come again.
 */
export class Broadcast {
  readonly #services: BroadcastServices;
  readonly #groups = new Map<string, Group>();

  constructor(services: BroadcastServices) {
    this.#services = services;
  }

  /** Resolves when the member goes on by itself, with the position to go on from. `alike`: what those have in common. */
  async join(alike: string, position: bigint, member: Member, lead: () => BroadcastSource): Promise<bigint> {
    let group = this.#groups.get(alike);
    if (group === undefined) {
      group = new Group(this.#services, position, lead());
      this.#groups.set(alike, group);
      const founded = group;
      void founded.ended.then(() => {
        if (this.#groups.get(alike) === founded) this.#groups.delete(alike);
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
  readonly #lead: BroadcastSource;
  readonly #over = new AbortController();
  readonly #members = new Map<Member, MemberState>();
  #position: bigint;

  constructor(services: BroadcastServices, position: bigint, lead: BroadcastSource) {
    this.#services = services;
    this.#lead = lead;
    this.#position = position;
    // Whatever went wrong, each member finds out by itself.
    this.ended = this.#tell()
      .catch(() => undefined)
      .then(() => this.#dissolve());
  }

  /** Who comes late has to go on by itself until it has caught up. */
  join(position: bigint, member: Member): Promise<bigint> {
    if (this.#over.signal.aborted || member.signal.aborted || position < this.#position)
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

  async #tell(): Promise<void> {
    const { follower, clock } = this.#services;
    const { signal } = this.#over;
    while (!signal.aborted && !follower.isStopped) {
      const { choice } = this.#lead;
      const { events, readTo } = await retryWhileUnavailable(clock, signal, () =>
        follower.read(this.#position, choice),
      );
      for (let start = 0; start < events.length; start += BATCH) {
        if (!(await this.#tellBatch(events.slice(start, start + BATCH)))) return;
      }
      this.#position = readTo;
      if (events.length === 0) await follower.waitForEventAfter(readTo, signal);
    }
  }

  /** False: one of them cannot be told to all alike. */
  async #tellBatch(events: readonly Event[]): Promise<boolean> {
    const results: SharedResult[] = [];
    for (const event of events) {
      const text = (await this.#lead.matches(event)) ? await this.#lead.resultFor(event) : undefined;
      if (text === null) return false;
      if (text !== undefined) results.push({ position: event.position, bytes: Buffer.from(text) });
    }
    this.#send(results, events.map(({ recordedAt }) => recordedAt).reduce(latest, this.#services.clock.now()));
    this.#position = events.at(-1)?.position ?? this.#position;
    return true;
  }

  /** Also of events that are not chosen a member may be in doubt: who sees something else by now may be shown them. */
  #send(results: readonly SharedResult[], recordedTo: Date): void {
    const all = results.map(({ bytes }) => bytes);
    for (const [member, { position }] of this.#members) {
      const isAhead = results.some((result) => result.position <= position);
      const own = isAhead ? results.flatMap((result) => (result.position > position ? [result.bytes] : [])) : all;
      if (!member.maySendAll(recordedTo) || (own.length > 0 && !member.send(own))) this.#leave(member);
    }
  }

  /** A member that came when it was ahead has had all up to where it came. */
  #leave(member: Member): void {
    const place = this.#members.get(member);
    if (place === undefined) return;
    this.#members.delete(member);
    place.leave(place.position > this.#position ? place.position : this.#position);
    if (this.#members.size === 0) this.#over.abort();
  }

  #dissolve(): void {
    this.#over.abort();
    for (const member of this.#members.keys()) this.#leave(member);
  }
}
