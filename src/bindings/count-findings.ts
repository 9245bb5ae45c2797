import { findCadence } from '../domain/cadence.ts';
import { DAY_MS } from '../domain/duration.ts';
import { dayOf, formatDay } from '../domain/usage-day.ts';
import type { StopBasis } from '../domain/verdict.ts';

/** What is found in a draft, in the order of its severity. */
export const findingCodes = ['BELOW_CADENCE', 'WITHOUT_AUTOMATION', 'SAME_DAY', 'WEEKEND'] as const;

export type FindingCode = (typeof findingCodes)[number];

/** ERROR: jobs would probably fail. WARNING: people would have work. INFO: it could be done better. */
export type FindingSeverity = 'ERROR' | 'WARNING' | 'INFO';

/** What a draft would probably do wrong, found among the keys that it shortens. */
export interface PolicyFinding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** For people. */
  readonly message: string;
  readonly keyCount: number;
  readonly ownerCount: number;
  /** The owners with the most of these keys, most keys first; at most 5. */
  readonly ownerIds: readonly string[];
  /** Some of these keys, the one that would stop earliest first; at most 5. */
  readonly keyIds: readonly string[];
}

/** A key that the draft shortens. */
export interface ShortenedKey {
  readonly keyId: string;
  readonly ownerId: string;
  /** When the key would stop. */
  readonly at: Date;
  readonly basis: StopBasis;
  /** When the key would stop without the notice period and freezes. */
  readonly raw: () => Date | null;
  readonly activeAt: Date;
  readonly isSelfRenewing: boolean;
  /** The days of use since 1970, oldest first. */
  readonly days: readonly number[];
}

/** How many owners and keys a finding names. */
const NAMED_MAX = 5;

/** From this many stops of an owner on a day on they are a collision. */
const SAME_DAY_MIN = 5;

/** How many pairs of owner and day are counted: stops on days beyond are not checked for collisions. */
const PAIRS_MAX = 200_000;

/** Finds what a draft would do wrong, key by key, in bounded memory. */
export class FindingCounts {
  readonly #exchangingOwners: ReadonlySet<string>;
  readonly #belowCadence = new Tally();
  readonly #withoutAutomation = new Tally();
  readonly #weekend = new Tally();
  /** The number of stops by day and owner, with the first key. */
  readonly #sameDay = new Map<
    string,
    { readonly day: number; readonly ownerId: string; keyId: string; count: number }
  >();

  /** `exchangingOwners`: the owners of the rules by which tokens of CI jobs are exchanged for keys. */
  constructor(exchangingOwners: ReadonlySet<string>) {
    this.#exchangingOwners = exchangingOwners;
  }

  add(key: ShortenedKey): void {
    const { at, ownerId, isSelfRenewing } = key;
    if (stopsBeforeNextUse(key)) this.#belowCadence.add(key);
    if (!isSelfRenewing && !this.#exchangingOwners.has(ownerId)) this.#withoutAutomation.add(key);
    if ([0, 6].includes(at.getUTCDay())) this.#weekend.add(key);
    this.#countDay(key);
  }

  list(): readonly PolicyFinding[] {
    const findings = [
      this.#belowCadence.find('BELOW_CADENCE', 'ERROR', ({ keyCount }) =>
        keyCount === 1
          ? '1 key would stop before it is usually used again. Allow a longer time, or ask its owner first.'
          : `${number(keyCount)} keys would stop before they are usually used again. Allow a longer time, or ask their owners first.`,
      ),
      this.#withoutAutomation.find(
        'WITHOUT_AUTOMATION',
        'WARNING',
        ({ keyCount, ownerCount }) =>
          `${ownerCount === 1 ? '1 owner has' : `${number(ownerCount)} owners have`} no program that renews, and no CI whose tokens are exchanged for keys: a person must see to ${keyCount === 1 ? '1 key' : `${number(keyCount)} keys`}.`,
      ),
      this.#findSameDay(),
      this.#weekend.find('WEEKEND', 'INFO', ({ keyCount }) =>
        keyCount === 1
          ? '1 key would stop on a Saturday or Sunday (UTC).'
          : `${number(keyCount)} keys would stop on a Saturday or Sunday (UTC).`,
      ),
    ];
    return findings.filter((finding) => finding !== null);
  }

  #countDay({ at, ownerId, keyId }: ShortenedKey): void {
    const day = dayOf(at.getTime());
    const name = `${day} ${ownerId}`;
    const known = this.#sameDay.get(name);
    if (known !== undefined) known.count += 1;
    else if (this.#sameDay.size < PAIRS_MAX) this.#sameDay.set(name, { day, ownerId, keyId, count: 1 });
  }

  #findSameDay(): PolicyFinding | null {
    const collisions = [...this.#sameDay.values()]
      .filter(({ count }) => count >= SAME_DAY_MIN)
      .toSorted((a, b) => b.count - a.count || a.day - b.day);
    const [worst] = collisions;
    if (worst === undefined) return null;
    const ownerIds = [...new Set(collisions.map(({ ownerId }) => ownerId))];
    const owners = ownerIds.length === 1 ? '1 owner has' : `${number(ownerIds.length)} owners have`;
    return {
      code: 'SAME_DAY',
      severity: 'WARNING',
      message: `${owners} ${SAME_DAY_MIN} or more keys that would stop on the same day: ${number(worst.count)} keys of one owner on ${formatDay(worst.day)}.`,
      keyCount: collisions.reduce((sum, { count }) => sum + count, 0),
      ownerCount: ownerIds.length,
      ownerIds: ownerIds.slice(0, NAMED_MAX),
      keyIds: collisions.slice(0, NAMED_MAX).map(({ keyId }) => keyId),
    };
  }
}

/**
 * Whether a key would stop before its next use, if it is used as usual. A BY_USE stop is compared as the policy has it: the notice
 * period delays the stop once, and the use after that begins the time again.
 */
function stopsBeforeNextUse({ at, basis, raw, activeAt, days }: ShortenedKey): boolean {
  const cadence = findCadence(days.map((day) => day * DAY_MS));
  const lastDay = days.at(-1);
  if (cadence === null || lastDay === undefined) return false;
  if (basis === 'BY_USE') return (raw()?.getTime() ?? Infinity) - activeAt.getTime() < cadence.interval;
  return dayOf(at.getTime()) * DAY_MS < lastDay * DAY_MS + cadence.interval;
}

/** Counts keys by owner, and keeps those that stop first. */
class Tally {
  #keyCount = 0;
  readonly #owners = new Map<string, number>();
  readonly #first: { readonly keyId: string; readonly at: Date }[] = [];

  add({ keyId, ownerId, at }: ShortenedKey): void {
    this.#keyCount += 1;
    this.#owners.set(ownerId, (this.#owners.get(ownerId) ?? 0) + 1);
    const place = this.#first.findIndex((other) => at < other.at);
    if (place >= 0) this.#first.splice(place, 0, { keyId, at });
    else if (this.#first.length < NAMED_MAX) this.#first.push({ keyId, at });
    this.#first.splice(NAMED_MAX);
  }

  find(
    code: FindingCode,
    severity: FindingSeverity,
    describe: (counts: { readonly keyCount: number; readonly ownerCount: number }) => string,
  ): PolicyFinding | null {
    const counts = { keyCount: this.#keyCount, ownerCount: this.#owners.size };
    if (this.#keyCount === 0) return null;
    const owners = [...this.#owners].toSorted(([, a], [, b]) => b - a).slice(0, NAMED_MAX);
    return {
      code,
      severity,
      message: describe(counts),
      ...counts,
      ownerIds: owners.map(([ownerId]) => ownerId),
      keyIds: this.#first.map(({ keyId }) => keyId),
    };
  }
}

function number(count: number): string {
  return count.toLocaleString('en');
}
