import { brakeShare } from '../domain/brake-share.ts';
import { WEEK_MS } from '../domain/duration.ts';
import type { AttributedReason, StopBasis } from '../domain/verdict.ts';
import type { PolicyFinding } from './count-findings.ts';
import { FaultCounts, type PreviewedFault } from './count-faults.ts';
import type { LoadedInput } from './load-inputs.ts';

/** A key whose stop would move. */
export interface PreviewedKey {
  readonly keyId: string;
  readonly ownerId: string;
  /** When the key would stop without the change. */
  readonly before: Date | null;
  readonly after: Date | null;
  /** What `after` would be without the notice period and freezes. */
  readonly raw: Date | null;
  /** Why the key would stop at `after`; null: a person chose that moment, or nothing stops the key. */
  readonly reason: AttributedReason | null;
  readonly basis: StopBasis | null;
  /** Whether the brake would count the change: the stop is shortened, or use no longer moves it. */
  readonly isNearer: boolean;
  readonly wasRenewed: boolean;
}

/**
 * What a change does to the stop of one key; null moments mean never. `raw` is computed only for the changes that are
 * returned.
 */
export interface StopEffect extends Omit<PreviewedKey, 'keyId' | 'ownerId' | 'wasRenewed' | 'raw'> {
  readonly raw: () => PreviewedKey['raw'];
}

interface CountedChange extends Omit<PreviewedKey, 'raw'>, Pick<StopEffect, 'raw'> {}

/** The position of a change in the order of changes; its cursor. */
export type ChangePosition = Pick<PreviewedKey, 'isNearer' | 'after' | 'keyId'>;

export interface PreviewedOwner {
  readonly ownerId: string;
  readonly keyCount: number;
  readonly nearerCount: number;
  /** How many shortened stops come in each week of `byWeek`, of those among `changes`. */
  readonly nearerByWeek: readonly number[];
}

type CountedOwner = Omit<PreviewedOwner, 'nearerByWeek'>;

export interface PreviewedWeek {
  readonly startsAt: Date;
  readonly before: number;
  readonly after: number;
}

/** What a new or changed binding would do to the keys of its realm. */
export interface PolicyPreview {
  readonly at: Date;
  /** How many live keys the realm has. All are evaluated. */
  readonly keyCount: number;
  /** How many of them the binding selects. */
  readonly selectedKeyCount: number;
  readonly nearerCount: number;
  readonly furtherCount: number;
  readonly unchangedCount: number;
  /** How many keys the module failed for, or could not be evaluated for in time. */
  readonly faultCount: number;
  /** The faults of the module, most frequent first; at most 5. */
  readonly faults: readonly PreviewedFault[];
  /** How many keys with a shortened stop were never renewed: no automation renews them. */
  readonly withoutAutomationCount: number;
  /** How many stops the brake lets a change shorten within an hour without the preview token. */
  readonly brakeShare: number;
  /** The owners, the one with the most shortened stops first; at most 100. */
  readonly byOwner: readonly PreviewedOwner[];
  /** The number of stops by week, without and with the change. Weeks without stops are left out; at most 110. */
  readonly byWeek: readonly PreviewedWeek[];
  /** The keys whose stop moves: shortened ones first, earliest first; at most 10,000. */
  readonly changes: readonly PreviewedKey[];
  /** What the change would probably do wrong, the most severe first. */
  readonly findings: readonly PolicyFinding[];
  readonly previewToken: string;
}

const OWNERS_MAX = 100;
const WEEKS_MAX = 110;
const CHANGES_MAX = 10_000;

/** Counts a preview key by key, in bounded memory for any number of keys. */
export class PreviewCounts {
  readonly faults = new FaultCounts();
  skippedCount = 0;
  nearerCount = 0;
  readonly #now: Date;
  readonly #isSelected: (input: LoadedInput['input']) => boolean;
  #keyCount = 0;
  #selectedKeyCount = 0;
  #furtherCount = 0;
  #withoutAutomationCount = 0;
  #changes: CountedChange[] = [];
  readonly #owners = new Map<string, CountedOwner>();
  readonly #weeks = new Map<number, PreviewedWeek>();

  constructor(now: Date, isSelected: (input: LoadedInput['input']) => boolean) {
    this.#now = now;
    this.#isSelected = isSelected;
  }

  add({ input, wasRenewed }: LoadedInput, effect: StopEffect): void {
    const { before, after, isNearer } = effect;
    const { ownerId } = input;
    const isFurther = !isNearer && (after?.getTime() ?? Infinity) > (before?.getTime() ?? Infinity);
    const owner = this.#owners.get(ownerId) ?? { ownerId, keyCount: 0, nearerCount: 0 };
    const nearerIncrement = isNearer ? 1 : 0;
    this.#keyCount += 1;
    this.#selectedKeyCount += this.#isSelected(input) ? 1 : 0;
    this.nearerCount += nearerIncrement;
    this.#furtherCount += isFurther ? 1 : 0;
    this.#withoutAutomationCount += isNearer && !wasRenewed ? 1 : 0;
    this.#owners.set(ownerId, {
      ownerId,
      keyCount: owner.keyCount + 1,
      nearerCount: owner.nearerCount + nearerIncrement,
    });
    this.#countWeek(before, 'before');
    this.#countWeek(after, 'after');
    if (isNearer || isFurther) {
      this.#changes.push({ keyId: input.known.key.id, ownerId, ...effect, wasRenewed });
      if (this.#changes.length >= 2 * CHANGES_MAX) this.#changes = this.#firstChanges();
    }
  }

  preview(previewToken: string, findings: readonly PolicyFinding[]): PolicyPreview {
    const owners = [...this.#owners.values()].toSorted(
      (a, b) => b.nearerCount - a.nearerCount || b.keyCount - a.keyCount,
    );
    const weeks = [...this.#weeks.entries()].toSorted(([a], [b]) => a - b).slice(0, WEEKS_MAX);
    const changes = this.#firstChanges();
    const nearerByWeek = this.#countNearer(
      changes,
      weeks.map(([number]) => number),
    );
    return {
      at: this.#now,
      keyCount: this.#keyCount,
      selectedKeyCount: this.#selectedKeyCount,
      nearerCount: this.nearerCount,
      furtherCount: this.#furtherCount,
      unchangedCount: this.#keyCount - this.nearerCount - this.#furtherCount,
      faultCount: this.faults.keyCount + this.skippedCount,
      faults: this.faults.listMostFrequent(),
      withoutAutomationCount: this.#withoutAutomationCount,
      brakeShare: brakeShare(this.#keyCount),
      byOwner: owners
        .slice(0, OWNERS_MAX)
        .map((owner) => ({ ...owner, nearerByWeek: nearerByWeek.get(owner.ownerId) ?? weeks.map(() => 0) })),
      byWeek: weeks.map(([, week]) => week),
      changes: changes.map((change) => ({ ...change, raw: change.raw() })),
      findings,
      previewToken,
    };
  }

  /** Counts a stop in its week. */
  #countWeek(at: Date | null, which: 'before' | 'after'): void {
    if (at === null) return;
    const number = this.#weekOf(at);
    const startsAt = new Date(this.#now.getTime() + number * WEEK_MS);
    const week = this.#weeks.get(number) ?? { startsAt, before: 0, after: 0 };
    this.#weeks.set(number, { ...week, [which]: week[which] + 1 });
  }

  /** Returns the number of the week of a stop. The first week begins now; a stop in the past is counted in it. */
  #weekOf(at: Date): number {
    return Math.max(0, Math.floor((at.getTime() - this.#now.getTime()) / WEEK_MS));
  }

  /** Counts the shortened stops among changes by owner and week. Weeks that are not listed are left out. */
  #countNearer(changes: readonly CountedChange[], weeks: readonly number[]): Map<string, number[]> {
    const places = new Map(weeks.map((number, place) => [number, place]));
    const counts = new Map<string, number[]>();
    for (const { isNearer, after, ownerId } of changes) {
      const place = isNearer && after !== null ? places.get(this.#weekOf(after)) : undefined;
      if (place === undefined) continue;
      const ofOwner = counts.get(ownerId) ?? weeks.map(() => 0);
      ofOwner[place] = (ofOwner[place] ?? 0) + 1;
      counts.set(ownerId, ofOwner);
    }
    return counts;
  }

  #firstChanges(): CountedChange[] {
    return this.#changes.toSorted(compareChanges).slice(0, CHANGES_MAX);
  }
}

/** Orders changes: shortened stops first, and within each group the key that would stop earliest first. */
export function compareChanges(a: ChangePosition, b: ChangePosition): number {
  const moment = ({ after }: ChangePosition) => after?.getTime() ?? Infinity;
  return Number(b.isNearer) - Number(a.isNearer) || compare(moment(a), moment(b)) || compare(a.keyId, b.keyId);
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
