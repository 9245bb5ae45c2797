import type { UsagePeriod } from '../keys/read-usage.ts';
import type { KeyHistory } from './load-histories.ts';

/** The jobs of a day. A job is the use of a key by a consumer on a day. */
export interface ReplayedDay {
  /** Days since 1970 (UTC). */
  readonly day: number;
  readonly jobCount: number;
  readonly failedCount: number;
  /** How many of the failed jobs are the first of their consumer and key. */
  readonly firstFailedCount: number;
}

export interface ReplayedOwner {
  readonly ownerId: string;
  readonly jobCount: number;
  readonly failedCount: number;
  readonly failedKeyCount: number;
}

export interface ReplayedConsumer {
  readonly keyId: string;
  /** Empty: the verifiers named none. */
  readonly consumer: string;
  readonly jobCount: number;
  /** The days of its failed jobs since 1970, earliest first: at least one. */
  readonly failedDays: readonly number[];
}

/** Which recorded jobs would have failed under a draft. */
export interface PolicyReplay {
  readonly period: UsagePeriod;
  /** How many keys were used in the period. */
  readonly keyCount: number;
  readonly jobCount: number;
  readonly failedJobCount: number;
  readonly failedKeyCount: number;
  /** How many pairs of key and consumer have a failed job. */
  readonly failedConsumerCount: number;
  readonly failedOwnerCount: number;
  /** How many of the failed jobs used a key that a program renews. */
  readonly selfRenewingJobCount: number;
  /** For how many keys the module failed or did not return: none of their jobs counts as failed. */
  readonly faultCount: number;
  /** Every day of the period, earliest first. */
  readonly byDay: readonly ReplayedDay[];
  /** The owners with failed jobs, most failed jobs first; at most 100. */
  readonly owners: readonly ReplayedOwner[];
  /** The pairs of key and consumer with failed jobs, most failed jobs first; at most 100. */
  readonly consumers: readonly ReplayedConsumer[];
}

const OWNERS_MAX = 100;
const CONSUMERS_MAX = 100;

/** Counts the jobs of a replay key by key, in bounded memory for any number of keys and days. */
export class ReplayCounts {
  faultCount = 0;
  readonly #period: UsagePeriod;
  readonly #days: { jobCount: number; failedCount: number; firstFailedCount: number }[];
  readonly #owners = new Map<string, { jobCount: number; failedCount: number; failedKeyCount: number }>();
  #consumers: ReplayedConsumer[] = [];
  #keyCount = 0;
  #failedKeyCount = 0;
  #failedConsumerCount = 0;
  #selfRenewingJobCount = 0;

  constructor(period: UsagePeriod) {
    this.#period = period;
    const length = period.to - period.from + 1;
    this.#days = Array.from({ length }, () => ({ jobCount: 0, failedCount: 0, firstFailedCount: 0 }));
  }

  /** Adds the jobs of a key. `failsFrom`: the first day of use on which the draft would have stopped the key; null: none. */
  add({ loaded, consumers }: KeyHistory, failsFrom: number | null): void {
    const { ownerId, known } = loaded.input;
    const owner = this.#owners.get(ownerId) ?? { jobCount: 0, failedCount: 0, failedKeyCount: 0 };
    this.#owners.set(ownerId, owner);
    this.#keyCount += 1;
    let failedCount = 0;
    for (const { consumer, days } of consumers) {
      const failedDays = failsFrom === null ? [] : days.filter((day) => day >= failsFrom);
      owner.jobCount += days.length;
      failedCount += failedDays.length;
      this.#countDays(days, failedDays);
      if (failedDays.length === 0) continue;
      this.#failedConsumerCount += 1;
      this.#consumers.push({ keyId: known.key.id, consumer, jobCount: days.length, failedDays });
      if (this.#consumers.length >= 20 * CONSUMERS_MAX) this.#consumers = this.#worstConsumers();
    }
    if (failedCount === 0) return;
    this.#failedKeyCount += 1;
    owner.failedCount += failedCount;
    owner.failedKeyCount += 1;
    if (loaded.isSelfRenewing) this.#selfRenewingJobCount += failedCount;
  }

  result(): PolicyReplay {
    const { from } = this.#period;
    const failing = [...this.#owners].filter(([, { failedCount }]) => failedCount > 0);
    const sum = (count: (day: Omit<ReplayedDay, 'day'>) => number) =>
      this.#days.reduce((total, day) => total + count(day), 0);
    return {
      period: this.#period,
      keyCount: this.#keyCount,
      jobCount: sum(({ jobCount }) => jobCount),
      failedJobCount: sum(({ failedCount }) => failedCount),
      failedKeyCount: this.#failedKeyCount,
      failedConsumerCount: this.#failedConsumerCount,
      failedOwnerCount: failing.length,
      selfRenewingJobCount: this.#selfRenewingJobCount,
      faultCount: this.faultCount,
      byDay: this.#days.map((counts, place) => ({ day: from + place, ...counts })),
      owners: failing
        .map(([ownerId, counts]) => ({ ownerId, ...counts }))
        .toSorted((a, b) => b.failedCount - a.failedCount || (a.ownerId < b.ownerId ? -1 : 1))
        .slice(0, OWNERS_MAX),
      consumers: this.#worstConsumers(),
    };
  }

  #countDays(days: readonly number[], failedDays: readonly number[]): void {
    const { from } = this.#period;
    for (const day of days) {
      const counts = this.#days[day - from];
      if (counts !== undefined) counts.jobCount += 1;
    }
    for (const [index, day] of failedDays.entries()) {
      const counts = this.#days[day - from];
      if (counts === undefined) continue;
      counts.failedCount += 1;
      if (index === 0) counts.firstFailedCount += 1;
    }
  }

  #worstConsumers(): ReplayedConsumer[] {
    return this.#consumers
      .toSorted((a, b) => b.failedDays.length - a.failedDays.length || (a.failedDays[0] ?? 0) - (b.failedDays[0] ?? 0))
      .slice(0, CONSUMERS_MAX);
  }
}
