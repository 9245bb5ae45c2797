import type { BindingCore } from '../bindings/bind.ts';
import { findStopped, type DraftQuestion, type DraftStop } from '../domain/find-stopped.ts';
import { decideStop, type StopTimes } from '../domain/life.ts';
import { dayOf } from '../domain/usage-day.ts';
import { askModules } from '../policies/ask-modules.ts';
import { bindingVerdictOf } from '../policies/binding-verdict.ts';
import { combineVerdicts } from '../policies/combine-verdicts.ts';
import type { Facts, OwnerFacts, Reading } from '../policies/contract.ts';
import { factsOfRealm } from '../policies/gather-facts.ts';
import type { Policies } from '../policies/policies.ts';
import type { RawVerdict } from '../policies/read-verdict.ts';
import { loadPolicyFacts, type RealmPolicies } from '../policies/realm-policies.ts';
import type { Revision } from '../policies/revisions.ts';
import type { StoredVerdicts } from '../policies/stored-verdicts.ts';
import { factsThen } from './facts-then.ts';
import { lastMomentOf, type KeyHistory } from './load-histories.ts';

/** What a draft did to a key. */
export interface ReplayedKey {
  /** The first day of use on which the key would have been stopped, since 1970; null: none. */
  readonly failsFrom: number | null;
  /** Whether the module failed for the key, or did not return. */
  readonly isFaulty: boolean;
}

/** The draft's verdict after an activity, which the next one builds on: a stop is moved earlier only with notice. */
interface ReplayedStop extends DraftStop {
  readonly times: StopTimes;
  readonly verdicts: StoredVerdicts;
}

/** A key during its replay. */
interface Walk {
  readonly history: KeyHistory;
  readonly steps: Generator<DraftQuestion<ReplayedStop>, number | null, ReplayedStop>;
  question: DraftQuestion<ReplayedStop>;
}

/** Evaluates a draft on the activities of many keys, in rounds: each key has one question in a round, at a moment of its own. */
export class DraftReplay {
  readonly readsDays: boolean;
  readonly #core: BindingCore;
  readonly #realm: RealmPolicies;
  readonly #revision: Revision;
  readonly #reads: readonly Reading[];
  readonly #realmFacts: Facts['realm'];
  readonly #now: Date;

  constructor(core: BindingCore, realm: RealmPolicies, revision: Revision, now: Date) {
    this.#core = core;
    this.#realm = realm;
    this.#revision = revision;
    this.#reads = core.policies.find(revision.hash)?.reads ?? [];
    this.#realmFacts = factsOfRealm(realm);
    this.#now = now;
    this.readsDays = this.#reads.includes('DAYS');
  }

  /** Finds for each key from which day of use on the draft would have stopped it. */
  async run(histories: readonly KeyHistory[]): Promise<ReadonlyMap<KeyHistory, ReplayedKey>> {
    const results = new Map<KeyHistory, ReplayedKey>();
    const ownerIds = histories.map(({ loaded }) => loaded.input.ownerId);
    const { owners } = await loadPolicyFacts(this.#core.prisma, [this.#realm.id], ownerIds);
    const isByRhythm = this.readsDays || this.#reads.includes('CONSUMERS');
    let walks = histories.flatMap((history): readonly Walk[] => {
      const steps = findStopped<ReplayedStop>(history.activities, isByRhythm);
      const first = steps.next();
      return first.done === true ? [] : [{ history, steps, question: first.value }];
    });
    while (walks.length > 0) {
      const replies = await this.#ask(walks, owners);
      const left: Walk[] = [];
      for (const walk of walks) {
        const { history } = walk;
        const reply = replies.get(walk);
        if (reply === undefined) {
          results.set(history, { failsFrom: null, isFaulty: true });
          continue;
        }
        const step = walk.steps.next(this.#stopAfter(walk, reply));
        if (step.done === true) results.set(history, { failsFrom: failsFrom(history, step.value), isFaulty: false });
        else {
          walk.question = step.value;
          left.push(walk);
        }
      }
      walks = left;
    }
    return results;
  }

  /** Asks the module the questions of a round, those of a day together. Keys for which it returned no verdict are left out. */
  async #ask(walks: readonly Walk[], owners: ReadonlyMap<string, OwnerFacts>): Promise<ReadonlyMap<Walk, RawVerdict>> {
    const { hash, config } = this.#revision;
    const groups = [...Map.groupBy(walks, (walk) => this.#momentOf(walk))];
    const questions = groups.map(([moment, walks]) => ({
      hash,
      config,
      moment,
      realmId: this.#realm.id,
      facts: walks.map((walk) => this.#factsOf(walk, owners)),
    }));
    const answers = await askModules(this.#core.policies as Policies, questions);
    const replies = new Map<Walk, RawVerdict>();
    for (const [index, [, walks]] of groups.entries()) {
      for (const [place, walk] of walks.entries()) {
        const reply = answers[index]?.[place];
        if (typeof reply === 'object' && !('fault' in reply)) replies.set(walk, reply);
      }
    }
    return replies;
  }

  /** The module is asked at the end of the day, so that one question has the keys of a day. */
  #momentOf({ history, question }: Walk): number {
    return lastMomentOf(dayOf(history.activities[question.activity]?.at ?? 0), this.#now);
  }

  #factsOf({ history, question }: Walk, owners: ReadonlyMap<string, OwnerFacts>): Facts {
    const owner = owners.get(history.loaded.input.ownerId);
    if (owner === undefined) throw new Error(`owner not found: ${history.loaded.input.ownerId}`);
    return factsThen(history, question.activity, owner, this.#realmFacts, this.#reads);
  }

  /** Returns the draft's stop as a review would store it: after the notice period and outside of freezes. */
  #stopAfter(walk: Walk, raw: RawVerdict): ReplayedStop {
    const { before } = walk.question;
    const { input } = walk.history.loaded;
    const promise =
      before === null
        ? ('NEW' as const)
        : { stopsAt: before.times.stopsAt, basis: before.times.stopsBasis, isHeld: false, postponedMs: 0 };
    const evaluated = { ...input, promise, previous: before?.verdicts ?? [] };
    const verdicts = [bindingVerdictOf(this.#revision, raw, evaluated, new Date(this.#momentOf(walk)))];
    const times = decideStop(null, combineVerdicts(this.#realm, verdicts));
    return { stopsAt: times.stopsAt?.getTime() ?? null, times, verdicts };
  }
}

/** Returns the first day of use from a place of a history on. */
function failsFrom({ activities }: KeyHistory, place: number | null): number | null {
  if (place === null) return null;
  return activities.find(({ day }, index) => index >= place && day !== null)?.day ?? null;
}
