import { brakeShare } from '../domain/brake-share.ts';
import { WEEK_MS } from '../domain/duration.ts';
import type { AttributedReason, StopBasis } from '../domain/verdict.ts';
import { FaultCounts, type PreviewedFault } from './count-faults.ts';
import type { LoadedInput } from './load-inputs.ts';

/** A key whose stop would move. */
export interface PreviewedKey {
  readonly keyId: string;
  readonly ownerId: string;
  /** When it would stop without the change. */
  readonly before: Date | null;
  readonly after: Date | null;
  /** What `after` would be if no notice were kept and nothing frozen. */
  readonly said: Date | null;
  /** Why it would stop then; null: a person chose that moment, or nothing stops it. */
  readonly reason: AttributedReason | null;
  readonly basis: StopBasis | null;
  /** Whether the brake counts it: nearer than without the change, or no longer moved by use. */
  readonly isNearer: boolean;
  readonly wasRenewed: boolean;
}

/** What becomes of the stop of a key; null is never. What is said of it is worked out for the few that are shown. */
export interface StopEffect extends Omit<PreviewedKey, 'keyId' | 'ownerId' | 'wasRenewed' | 'said'> {
  readonly said: () => PreviewedKey['said'];
}

interface CountedChange extends Omit<PreviewedKey, 'said'>, Pick<StopEffect, 'said'> {}

/** What places a change in their order. */
export type ChangePosition = Pick<PreviewedKey, 'isNearer' | 'after' | 'keyId'>;

export interface PreviewedOwner {
  readonly ownerId: string;
  readonly keyCount: number;
  readonly nearerCount: number;
}

export interface PreviewedWeek {
  readonly startsAt: Date;
  readonly before: number;
  readonly after: number;
}

/** What a binding, or a change of one, would do to the keys of its realm. */
export interface PolicyPreview {
  readonly at: Date;
  readonly keyCount: number;
  readonly nearerCount: number;
  readonly furtherCount: number;
  readonly unchangedCount: number;
  /** How many keys the module failed, or could not be asked about in time. */
  readonly faultCount: number;
  /** In which ways it failed them, the most frequent ones first; at most 5. */
  readonly faults: readonly PreviewedFault[];
  /** Of those whose stop comes nearer, how many were never renewed: nothing does that for them. */
  readonly withoutAutomationCount: number;
  /** How many stops may come nearer within an hour without the token. */
  readonly brakeShare: number;
  /** Those with most stops that come nearer first, at most 100. */
  readonly byOwner: readonly PreviewedOwner[];
  /** What stops in which week, before and after, for the weeks in which something does; at most 110. */
  readonly byWeek: readonly PreviewedWeek[];
  /** Those that move, nearer ones first, soonest first; at most 10,000. */
  readonly changes: readonly PreviewedKey[];
  readonly previewToken: string;
}

const OWNERS_MAX = 100;
const WEEKS_MAX = 110;
const CHANGES_MAX = 10_000;

/** Counts key by key, so that any number of them takes little memory. */
export class PreviewCounts {
  readonly faults = new FaultCounts();
  skippedCount = 0;
  nearerCount = 0;
  readonly #now: Date;
  #keyCount = 0;
  #furtherCount = 0;
  #withoutAutomationCount = 0;
  #changes: CountedChange[] = [];
  readonly #owners = new Map<string, PreviewedOwner>();
  readonly #weeks = new Map<number, PreviewedWeek>();

  constructor(now: Date) {
    this.#now = now;
  }

  add({ input, wasRenewed }: LoadedInput, effect: StopEffect): void {
    const { before, after, isNearer } = effect;
    const { ownerId } = input;
    const isFurther = !isNearer && (after?.getTime() ?? Infinity) > (before?.getTime() ?? Infinity);
    const owner = this.#owners.get(ownerId) ?? { ownerId, keyCount: 0, nearerCount: 0 };
    const nearer = isNearer ? 1 : 0;
    this.#keyCount += 1;
    this.nearerCount += nearer;
    this.#furtherCount += isFurther ? 1 : 0;
    this.#withoutAutomationCount += isNearer && !wasRenewed ? 1 : 0;
    this.#owners.set(ownerId, { ownerId, keyCount: owner.keyCount + 1, nearerCount: owner.nearerCount + nearer });
    this.#countWeek(before, 'before');
    this.#countWeek(after, 'after');
    if (isNearer || isFurther) {
      this.#changes.push({ keyId: input.known.key.id, ownerId, ...effect, wasRenewed });
      if (this.#changes.length >= 2 * CHANGES_MAX) this.#changes = this.#firstChanges();
    }
  }

  preview(previewToken: string): PolicyPreview {
    const owners = [...this.#owners.values()].toSorted(
      (a, b) => b.nearerCount - a.nearerCount || b.keyCount - a.keyCount,
    );
    const weeks = [...this.#weeks.values()].toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
    return {
      at: this.#now,
      keyCount: this.#keyCount,
      nearerCount: this.nearerCount,
      furtherCount: this.#furtherCount,
      unchangedCount: this.#keyCount - this.nearerCount - this.#furtherCount,
      faultCount: this.faults.keyCount + this.skippedCount,
      faults: this.faults.mostFrequent(),
      withoutAutomationCount: this.#withoutAutomationCount,
      brakeShare: brakeShare(this.#keyCount),
      byOwner: owners.slice(0, OWNERS_MAX),
      byWeek: weeks.slice(0, WEEKS_MAX),
      changes: this.#firstChanges().map((change) => ({ ...change, said: change.said() })),
      previewToken,
    };
  }

  /** Weeks are counted from now. */
  #countWeek(at: Date | null, which: 'before' | 'after'): void {
    if (at === null) return;
    const number = Math.max(0, Math.floor((at.getTime() - this.#now.getTime()) / WEEK_MS));
    const startsAt = new Date(this.#now.getTime() + number * WEEK_MS);
    const week = this.#weeks.get(number) ?? { startsAt, before: 0, after: 0 };
    this.#weeks.set(number, { ...week, [which]: week[which] + 1 });
  }

  #firstChanges(): CountedChange[] {
    return this.#changes.toSorted(compareChanges).slice(0, CHANGES_MAX);
  }
}

/** The order of changes: nearer ones first, soonest first. */
export function compareChanges(a: ChangePosition, b: ChangePosition): number {
  const moment = ({ after }: ChangePosition) => after?.getTime() ?? Infinity;
  return Number(b.isNearer) - Number(a.isNearer) || compare(moment(a), moment(b)) || compare(a.keyId, b.keyId);
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
