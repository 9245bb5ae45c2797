import { findCadence } from '../../src/domain/cadence.ts';
import { applyNotice } from '../../src/domain/apply-notice.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs, hasCome } from '../../src/domain/key.ts';
import { decideStop } from '../../src/domain/life.ts';
import { dormancyStateOf, nextReviewAt } from '../../src/domain/next-review.ts';
import { planNotices } from '../../src/domain/notice.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { completeFacts } from '../../src/policies/check/complete-facts.ts';
import type { Policy } from '../../src/policies/contract.ts';
import { readVerdict } from '../../src/policies/read-verdict.ts';
import { momentOf, type KeyHistory } from './draw-rhythms.ts';

const NOTICE_MS = 30 * DAY_MS;

/** How sure the rhythm of a key was when something happened to it. */
export type Sureness = 'sure' | 'unsure' | 'none' | 'never used';

/** What a policy did to keys. */
export interface Tally {
  /** How often a key was needed. */
  needs: number;
  /** How often it had stopped when it was needed, by how sure its rhythm was. */
  readonly meetings: Record<Sureness, number>;
  /** On how many days abandoned keys still worked after their last use, by how sure their rhythm was. */
  readonly idleDays: Record<Sureness, number>;
}

/**
 * Lets keys live under the policy, each day of their histories, with the rules that the gateway follows: which review comes when,
 * what it may shorten, what it stops. A person resumes a key that had stopped when it was needed, and uses it on that day.
 */
export function simulateRhythms(policy: Policy, config: unknown, histories: readonly KeyHistory[]): Tally {
  const parsed = policy.config.parse(config);
  const tally: Tally = {
    needs: 0,
    meetings: { sure: 0, unsure: 0, none: 0, 'never used': 0 },
    idleDays: { sure: 0, unsure: 0, none: 0, 'never used': 0 },
  };
  for (const history of histories) simulateKey(policy, parsed, history, tally);
  return tally;
}

function simulateKey(policy: Policy, config: unknown, history: KeyHistory, tally: Tally): void {
  const key = new SimulatedKey(policy, config, momentOf(history.issuedOn));
  for (const day of history.neededOn) {
    const at = addMs(momentOf(day), 10 * HOUR_MS);
    key.passTime(at);
    tally.needs += 1;
    if (key.hasStopped) tally.meetings[key.sureness] += 1;
    key.use(at);
  }
  if (!history.isAbandoned) return;
  const since = key.activeAt;
  const sureness = key.sureness;
  key.passTime(addMs(since, 20 * 365 * DAY_MS));
  tally.idleDays[sureness] += Math.round(((key.stoppedAt?.getTime() ?? NaN) - since.getTime()) / DAY_MS);
}

class SimulatedKey {
  readonly #policy: Policy;
  readonly #config: unknown;
  readonly #issuedAt: Date;
  readonly #days: number[] = [];
  #verdict: Verdict;
  #standing: ReturnType<typeof dormancyStateOf> = 'ACTIVE';
  #reviewAt: Date | null;
  #lastUsedAt: Date | null = null;
  #noticesGiven: ReadonlySet<number> = new Set();
  activeAt: Date;
  stoppedAt: Date | null = null;

  constructor(policy: Policy, config: unknown, issuedAt: Date) {
    this.#policy = policy;
    this.#config = config;
    this.#issuedAt = issuedAt;
    this.activeAt = issuedAt;
    this.#verdict = this.#evaluate(issuedAt);
    this.#reviewAt = this.#nextReviewAt(issuedAt);
  }

  get hasStopped(): boolean {
    return this.stoppedAt !== null;
  }

  get sureness(): Sureness {
    if (this.#lastUsedAt === null) return 'never used';
    const confidence = findCadence(this.#days)?.confidence;
    return confidence === undefined ? 'none' : confidence === 'STRONG' ? 'sure' : 'unsure';
  }

  /** Makes all reviews that are due by then. */
  passTime(to: Date): void {
    while (this.#reviewAt !== null && hasCome(this.#reviewAt, to) && this.stoppedAt === null) {
      this.#review(this.#reviewAt);
    }
  }

  use(at: Date): void {
    const isWoken = this.#lastUsedAt === null || this.#standing !== 'ACTIVE';
    const day = Math.floor(at.getTime() / DAY_MS) * DAY_MS;
    if (this.#days.at(-1) !== day) this.#days.push(day);
    this.activeAt = at;
    this.#lastUsedAt = at;
    this.stoppedAt = null;
    if (isWoken) this.#review(at);
  }

  #review(now: Date): void {
    const before = this.#stopsAt();
    const promise = { stopsAt: before, basis: 'BY_USE' as const, isHeld: false, postponedMs: 0 };
    this.#verdict = applyNotice(this.#evaluate(now), promise, NOTICE_MS, now);
    this.#standing = dormancyStateOf(this.#verdict, now);
    const stopsAt = this.#stopsAt();
    const given = stopsAt?.getTime() === before?.getTime() ? this.#noticesGiven : new Set<number>();
    const { due } = planNotices(stopsAt, this.activeAt, given, now);
    this.#noticesGiven = due === null ? given : new Set([...given, due.thresholdMs]);
    if (this.#standing === 'HELD' || this.#standing === 'EXPIRED') this.stoppedAt = now;
    this.#reviewAt = this.#nextReviewAt(now);
  }

  #stopsAt(): Date | null {
    return decideStop(null, this.#verdict).stopsAt;
  }

  #nextReviewAt(now: Date): Date | null {
    const { activeAt } = this;
    const key = {
      grantedAt: this.#issuedAt,
      activeAt,
      chosenExpiresAt: null,
      standing: this.#standing,
      rotation: null,
    };
    return nextReviewAt(key, this.#verdict, now, this.#noticesGiven);
  }

  #evaluate(now: Date): Verdict {
    const use = {
      activeAt: this.activeAt.getTime(),
      firstUsedAt: this.#days[0] ?? null,
      lastUsedAt: this.#lastUsedAt?.getTime() ?? null,
      days: this.#days,
    };
    const facts = completeFacts({ key: { createdAt: this.#issuedAt.getTime() }, use });
    const dormancy = this.#policy.dormancy?.(facts, this.#config, now.getTime()) ?? null;
    return readVerdict({ expiry: null, renewal: null, dormancy }, 'binding');
  }
}
