import type { Event, Prisma } from '../../../prisma/generated/client/client.ts';
import type { EventType } from '../../domain/event.ts';
import { addMs } from '../../domain/key.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { retryWhileUnavailable } from '../../log/retry-while-unavailable.ts';
import type { EventFilter } from '../../log/event-query.ts';
import { maySeeEvent } from '../../log/visible-events.ts';
import type { Cancel } from '../../store/clock.ts';
import type { Context } from '../context.ts';
import type { KeyFilter } from '../key/key-filter.ts';
import { createEventMatcher } from './event-filter.ts';
import type { LiveSubscription } from './run-subscription.ts';
import { SentStops } from './sent-stops.ts';
import { readFirstStopAfter, readUpcomingStops, STOPS_PAGE, type KeyView, type UpcomingKey } from './upcoming-stops.ts';

/** What takes a key out of sight or leaves its stop as it is. After all else that is told of a key it is looked at. */
const ignoredTypes: ReadonlySet<string> = new Set([
  'KEY_REVOKED',
  'KEY_HELD',
  'KEY_EXPIRED',
  'KEY_EXPIRING',
  'KEY_SECRET_REUSED',
  'KEY_ROTATION_COMPLETED',
  'KEY_ROTATION_STALLED',
] satisfies EventType[]);

/**
 * Looks at what comes to stop within a time: once at all keys, and from then on only when an event has touched a key that
 * the caller may see, and at the moment at which the next stop comes into sight.
 */
export class ExpiringWatch {
  readonly #context: Context;
  readonly #withinMs: number;
  readonly #filter: KeyFilter;
  readonly #live: LiveSubscription;
  readonly #ofWhat: EventFilter;
  readonly #matches: (event: Event) => Promise<boolean>;
  readonly #sent = new SentStops();
  #touched = new Set<string>();
  /** The log up to here is known. */
  #position: bigint;
  /** All stops up to here were looked at; null: none were. */
  #lookedTo: Date | null = null;
  /** The first stop behind that; null: there is none. */
  #nextStopAt: Date | null = null;

  /** `position`: where the log ended before anything else was read. */
  constructor(context: Context, position: bigint, withinMs: number, filter: KeyFilter, live: LiveSubscription) {
    this.#context = context;
    this.#position = position;
    this.#withinMs = withinMs;
    this.#filter = filter;
    this.#live = live;
    this.#ofWhat = { realm: filter.realm, owner: filter.owner };
    this.#matches = createEventMatcher(context, this.#ofWhat);
  }

  /** The keys that stop within the time, soonest first, then each as it comes to: once for each stop. */
  async *run(): AsyncGenerator<UpcomingKey, void> {
    const { follower } = this.#context.services;
    while (!this.#live.signal.aborted && !follower.isStopped) {
      const sight = this.#sight();
      yield* this.#look();
      await this.#untilDue();
      // Whoever sees other keys than before is shown them like someone who has just come.
      if (this.#sight() !== sight) this.#lookedTo = null;
    }
  }

  async *#look(): AsyncGenerator<UpcomingKey, void> {
    const { clock } = this.#context.services;
    const { watch, signal } = this.#live;
    const horizon = addMs(clock.now(), this.#withinMs);
    const chosen = this.#chosen();
    let last: UpcomingKey | undefined;
    for (let isLast = false; !isLast;) {
      const [sight, after] = [this.#sight(), last];
      const keys = await retryWhileUnavailable(clock, signal, () =>
        readUpcomingStops(this.#where(), horizon, chosen, after),
      );
      // What was read may be newer than what is known of the log, and so than the end of the credential.
      if (!(await watch.revalidate())) return;
      if (this.#sight() !== sight) continue;
      for (const key of keys) if (this.#sent.addIfNew(key)) yield key;
      last = keys.at(-1);
      isLast = keys.length < STOPS_PAGE;
    }
    this.#nextStopAt = await retryWhileUnavailable(clock, signal, () => readFirstStopAfter(this.#where(), horizon));
    this.#lookedTo = horizon;
    this.#touched.clear();
    this.#sent.prune(clock.now());
  }

  /** The keys whose stops have come into sight by time, and those that were touched; at first all. */
  #chosen(): Prisma.KeyWhereInput {
    if (this.#lookedTo === null) return {};
    return { OR: [{ stopsAt: { gt: this.#lookedTo } }, { id: { in: [...this.#touched] } }] };
  }

  /** Resolves when there is something to look at, or nothing more to come. */
  async #untilDue(): Promise<void> {
    const { clock, follower } = this.#context.services;
    const { watch, signal } = this.#live;
    const due = new AbortController();
    const sight = this.#sight();
    const cancel = this.#atNextStop(() => due.abort());
    const waiting = AbortSignal.any([due.signal, signal]);
    for (let isDue = false; !isDue;) {
      const { events, readTo } = await retryWhileUnavailable(clock, signal, () =>
        follower.read(this.#position, { caller: watch.caller, filter: this.#ofWhat }),
      );
      for (const event of events) {
        if (!(await watch.maySend(event))) return cancel();
        if (event.keyId !== null && (await this.#touches(event))) this.#touched.add(event.keyId);
      }
      this.#position = readTo;
      if (events.length === 0) await follower.waitForEventAfter(this.#position, waiting);
      isDue = this.#touched.size > 0 || this.#sight() !== sight || waiting.aborted || follower.isStopped;
    }
    cancel();
  }

  /** Runs something at the moment at which the next stop comes into sight; at once when that has passed by now. */
  #atNextStop(run: () => void): Cancel {
    if (this.#nextStopAt === null) return () => undefined;
    const { clock } = this.#context.services;
    const ms = this.#nextStopAt.getTime() - this.#withinMs - clock.now().getTime();
    if (ms > 0) return clock.after(ms, run);
    run();
    return () => undefined;
  }

  async #touches(event: Event): Promise<boolean> {
    const { watch, signal } = this.#live;
    if (ignoredTypes.has(event.type) || !maySeeEvent(watch.caller, event)) return false;
    if (event.type === 'KEY_FIRST_USED' && this.#filter.neverUsed !== false) return false;
    return retryWhileUnavailable(this.#context.services.clock, signal, () => this.#matches(event));
  }

  #where(): KeyView {
    const { db, services } = this.#context;
    return { db, caller: this.#live.watch.caller, filter: this.#filter, now: services.clock.now() };
  }

  /** Says which keys the caller may see: the same as long as these are the same. */
  #sight(): string {
    return JSON.stringify(visibleKeys(this.#live.watch.caller));
  }
}
