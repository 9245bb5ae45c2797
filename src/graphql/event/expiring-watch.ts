import type { Event, Prisma } from '../../../prisma/generated/client/client.ts';
import type { EventType } from '../../domain/event.ts';
import { addMs } from '../../domain/key.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { retryWhileUnavailable } from '../../log/retry-while-unavailable.ts';
import type { EventFilter } from '../../log/event-query.ts';
import { followLog } from '../../log/follow-log.ts';
import { maySeeEvent } from '../../log/visible-events.ts';
import type { Cancel } from '../../store/clock.ts';
import type { Context } from '../context.ts';
import type { KeyFilter } from '../key/key-filter.ts';
import { createEventMatcher } from './event-filter.ts';
import type { LiveSubscription } from './subscription-state.ts';
import { SentStops } from './sent-stops.ts';
import { readFirstStopAfter, readUpcomingStops, STOPS_PAGE, type KeyView, type UpcomingKey } from './upcoming-stops.ts';

/** Events that end a key's stop or leave it as it is. After any other event of a key its stop is read again. */
const ignoredTypes: ReadonlySet<string> = new Set([
  'KEY_REVOKED',
  'KEY_HELD',
  'KEY_EXPIRED',
  'KEY_EXPIRING',
  'KEY_STOPS_BEFORE_NEXT_USE',
  'KEY_SECRET_REUSED',
  'KEY_USED_OUT_OF_RHYTHM',
  'KEY_BROKE_CONSUMER',
  'KEY_BROWNOUT_ENDED',
  'KEY_ROTATION_COMPLETED',
  'KEY_ROTATION_STALLED',
] satisfies EventType[]);

/**
 * Finds the keys that stop within a time. It reads all keys once. After that it reads only keys that an event has
 * changed, and the next stop when it comes within the time.
 */
export class ExpiringWatch {
  readonly #context: Context;
  readonly #withinMs: number;
  readonly #filter: KeyFilter;
  readonly #live: LiveSubscription;
  readonly #eventFilter: EventFilter;
  readonly #matches: (event: Event) => Promise<boolean>;
  readonly #sent = new SentStops();
  #changedIds = new Set<string>();
  /** The log has been read up to this position. */
  #position: bigint;
  /** All stops up to this moment have been read. Null: none have. */
  #readTo: Date | null = null;
  /** The first stop after `#readTo`. Null: there is none. */
  #nextStopAt: Date | null = null;

  /** `position` is the end of the log from before anything else was read. */
  constructor(context: Context, position: bigint, withinMs: number, filter: KeyFilter, live: LiveSubscription) {
    this.#context = context;
    this.#position = position;
    this.#withinMs = withinMs;
    this.#filter = filter;
    this.#live = live;
    this.#eventFilter = { realm: filter.realm, owner: filter.owner };
    this.#matches = createEventMatcher(context, this.#eventFilter);
  }

  /**
   * Yields keys that stop within the time, soonest first, then further keys as they come within it: once for each stop.
   */
  async *run(): AsyncGenerator<UpcomingKey, void> {
    const { follower } = this.#context.services;
    while (!this.#live.signal.aborted && !follower.isStopped) {
      const visibility = this.#visibility();
      yield* this.#readDue();
      await this.#untilDue();
      // The caller now sees other keys: read all again, as for a new subscription.
      if (this.#visibility() !== visibility) this.#readTo = null;
    }
  }

  async *#readDue(): AsyncGenerator<UpcomingKey, void> {
    const { clock } = this.#context.services;
    const { watch, signal } = this.#live;
    const horizon = addMs(clock.now(), this.#withinMs);
    const due = this.#dueFilter();
    let last: UpcomingKey | undefined;
    for (let isLast = false; !isLast;) {
      const [visibility, after] = [this.#visibility(), last];
      const keys = await retryWhileUnavailable(clock, signal, () =>
        readUpcomingStops(this.#view(), horizon, due, after),
      );
      // The rows may be newer than the log as read so far, and so newer than the credential's end.
      if (!(await watch.revalidate())) return;
      if (this.#visibility() !== visibility) continue;
      for (const key of keys) if (this.#sent.addIfNew(key)) yield key;
      last = keys.at(-1);
      isLast = keys.length < STOPS_PAGE;
    }
    this.#nextStopAt = await retryWhileUnavailable(clock, signal, () => readFirstStopAfter(this.#view(), horizon));
    this.#readTo = horizon;
    this.#changedIds.clear();
    this.#sent.prune(clock.now());
  }

  /**
   * Returns the filter for the next read: stops that have come within the time, and changed keys. At first all keys.
   */
  #dueFilter(): Prisma.KeyWhereInput {
    if (this.#readTo === null) return {};
    return { OR: [{ stopsAt: { gt: this.#readTo } }, { id: { in: [...this.#changedIds] } }] };
  }

  /** Resolves when there is something to read, or the subscription has ended. */
  async #untilDue(): Promise<void> {
    const { services } = this.#context;
    const { watch, signal } = this.#live;
    const due = new AbortController();
    const visibility = this.#visibility();
    const cancel = this.#atNextStop(() => due.abort());
    const waiting = AbortSignal.any([due.signal, signal]);
    const hasMore = () => this.#changedIds.size > 0 || this.#visibility() !== visibility;
    const pages = followLog(services, this.#position, {
      signal,
      getQuery: () => ({ caller: watch.caller, filter: this.#eventFilter }),
      waitForMore: async (position) => {
        if (!hasMore()) await services.follower.waitForEventAfter(position, waiting);
        return hasMore() || waiting.aborted ? null : position;
      },
    });
    for await (const { events, readTo } of pages) {
      for (const event of events) {
        if (!(await watch.maySend(event))) return cancel();
        if (event.keyId !== null && (await this.#changes(event))) this.#changedIds.add(event.keyId);
      }
      this.#position = readTo;
      if (events.length > 0 && (hasMore() || waiting.aborted)) break;
    }
    cancel();
  }

  /** Runs a function when the next stop comes within the time; at once if that moment has passed. */
  #atNextStop(run: () => void): Cancel {
    if (this.#nextStopAt === null) return () => undefined;
    const { clock } = this.#context.services;
    const ms = this.#nextStopAt.getTime() - this.#withinMs - clock.now().getTime();
    if (ms > 0) return clock.after(ms, run);
    run();
    return () => undefined;
  }

  async #changes(event: Event): Promise<boolean> {
    const { watch, signal } = this.#live;
    if (ignoredTypes.has(event.type) || !maySeeEvent(watch.caller, event)) return false;
    const { neverUsed, usedBy } = this.#filter;
    if (event.type === 'KEY_FIRST_USED' && neverUsed !== false && usedBy == null) return false;
    return retryWhileUnavailable(this.#context.services.clock, signal, () => this.#matches(event));
  }

  #view(): KeyView {
    const { db, services } = this.#context;
    return { db, caller: this.#live.watch.caller, filter: this.#filter, now: services.clock.now() };
  }

  /** Returns a text that differs whenever the caller may see other keys than before. */
  #visibility(): string {
    return JSON.stringify(visibleKeys(this.#live.watch.caller));
  }
}
