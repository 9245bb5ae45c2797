import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../contract.ts';
import { decisionsOf, type Decision } from '../check-verdict.ts';
import { ask, tell, type Answer, type Asking } from './ask.ts';
import type { Findings } from './checks.ts';
import type { Configuration } from './configurations.ts';
import { deepFreeze } from './deep-freeze.ts';
import { drawLook, type Look } from './draw-facts.ts';
import { checkAge, checkCounted, checkMoreUse, checkTimeless } from './laws.ts';
import { seededDraw, type Draw } from './seeded-draw.ts';
import { isSilent } from './is-silent.ts';
import type { Watch } from './watch-reach.ts';
import { wordsOf } from './words.ts';

/** With each configuration so many keys are asked about, unless that takes longer than the time below. */
const KEYS = 2_000;
const LONGEST_PASS_MS = 5_000;
const SEED = 3_650;

/** What a gateway gives a module for one key; after so many that take longer there is no need to go on. */
const LIMIT_MS = 50;
const SLOW_MAX = 3;

/** What the examination came to, beside its findings. Times in milliseconds a key, for all that the policy decides. */
export interface Examined {
  readonly keyCount: number;
  readonly medianMs: number;
  readonly worstMs: number;
  /** What it decides and said nothing of, of any key: that was not checked. */
  readonly unseen: readonly Decision[];
}

interface Examination {
  readonly policy: Policy;
  /** The text of its files. */
  readonly sources: readonly string[];
  readonly configurations: readonly Configuration[];
  readonly findings: Findings;
  readonly watch: Watch;
  readonly now: () => number;
  /** Told what is being done, before each key. */
  readonly onStep: (step: string) => void;
}

/** Asks a policy about generated keys, always the same ones, with each configuration, and finds what it breaks. */
export function examine(examination: Examination): Examined {
  const seen = examination.configurations.flatMap((configuration) => examineWith(examination, configuration));
  const sorted = seen.map(({ ms }) => ms).sort((one, other) => one - other);
  return {
    keyCount: sorted.length,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    worstMs: sorted.at(-1) ?? 0,
    unseen: decisionsOf(examination.policy).filter((decision) => seen.every(({ said }) => isSilent(decision, said))),
  };
}

/** A key that was asked about, what was said of it, and how long that took. */
interface Seen {
  readonly look: Look;
  readonly said: Answer;
  readonly ms: number;
}

/** Asks about all keys, then again in the opposite order, with the laws at each. */
function examineWith(examination: Examination, configuration: Configuration): readonly Seen[] {
  const asking: Asking = { ...examination, configuration };
  const draw = seededDraw(SEED);
  const words = wordsOf(examination.sources, configuration.forms);
  const seen: Seen[] = [];
  const until = examination.now() + LONGEST_PASS_MS;
  let slowCount = 0;
  while (seen.length < KEYS && slowCount < SLOW_MAX && examination.now() < until) {
    examination.onStep(`asked with ${configuration.written}`);
    const look = deepFreeze(drawLook(draw, examination.policy.reads ?? [], words));
    const one = timed(examination, asking, look);
    seen.push({ look, ...one });
    if (one.ms > LIMIT_MS) slowCount += 1;
  }
  const untilAgain = examination.now() + LONGEST_PASS_MS;
  for (const { look, said } of seen.toReversed()) {
    if (examination.now() > untilAgain) break;
    examination.onStep(`asked again with ${configuration.written}`);
    askAgain(asking, draw, look, said);
  }
  return seen;
}

function timed({ now }: Examination, asking: Asking, look: Look): { said: Answer; ms: number } {
  const measure = () => {
    const startedAt = now();
    const said = ask(asking, look);
    return { said, ms: now() - startedAt };
  };
  const first = measure();
  if (first.ms <= LIMIT_MS) return first;
  // The machine may have been busy with something else: the key is slow when it is slow each time.
  const ms = Math.min(first.ms, measure().ms, measure().ms);
  if (ms > LIMIT_MS) tell(asking, 'fast', `a key takes ${ms.toFixed(0)} ms`, look);
  return { said: first.said, ms };
}

/** Asks about an equal key that is another object, and holds the answers to the laws. */
function askAgain(asking: Asking, draw: Draw, look: Look, said: Answer): void {
  const again = ask(asking, deepFreeze(structuredClone(look)));
  if (!isDeepStrictEqual(said, again)) {
    tell(asking, 'deterministic', `it says ${JSON.stringify(said)}, and then ${JSON.stringify(again)}`, look);
    return;
  }
  checkCounted(asking, look, said);
  checkTimeless(asking, draw, look, said);
  checkMoreUse(asking, draw, look, said);
  checkAge(asking, look, said);
}
