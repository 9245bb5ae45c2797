import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../contract.ts';
import { decisionsOf, type Decision } from '../check-verdict.ts';
import { callPolicy, addFinding, type PolicyVerdicts, type CheckContext } from './call-policy.ts';
import type { Findings } from './policy-checks.ts';
import type { CheckConfiguration } from './read-configurations.ts';
import { deepFreeze } from './deep-freeze.ts';
import { drawCase, type CheckCase } from './draw-case.ts';
import { checkAge, checkCounted, checkMoreUse, checkTimeless } from './laws.ts';
import { seededDraw, type Draw } from './seeded-draw.ts';
import { isSilent } from './is-silent.ts';
import type { AccessWatch } from './watch-access.ts';
import { collectVocabulary } from './vocabulary.ts';

/** With each configuration so many keys are asked about, unless that takes longer than the time below. */
const KEYS = 2_000;
const LONGEST_PASS_MS = 5_000;
const SEED = 3_650;

/** What a gateway gives a module for one key; after so many that take longer there is no need to go on. */
const LIMIT_MS = 50;
const SLOW_MAX = 3;

/** What the examination came to, beside its findings. Times in milliseconds a key, for all that the policy decides. */
export interface ExaminationResult {
  readonly keyCount: number;
  readonly medianMs: number;
  readonly worstMs: number;
  /** What it decides and said nothing of, of any key: that was not checked. */
  readonly silentDecisions: readonly Decision[];
}

interface ExaminationOptions {
  readonly policy: Policy;
  /** The text of its files. */
  readonly sources: readonly string[];
  readonly configurations: readonly CheckConfiguration[];
  readonly findings: Findings;
  readonly watch: AccessWatch;
  readonly now: () => number;
  /** Told what is being done, before each key. */
  readonly onStep: (step: string) => void;
}

/** Asks a policy about generated keys, always the same ones, with each configuration, and finds what it breaks. */
export function examine(examination: ExaminationOptions): ExaminationResult {
  const seen = examination.configurations.flatMap((configuration) => examineWith(examination, configuration));
  const sorted = seen.map(({ ms }) => ms).sort((one, other) => one - other);
  return {
    keyCount: sorted.length,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    worstMs: sorted.at(-1) ?? 0,
    silentDecisions: decisionsOf(examination.policy).filter((decision) =>
      seen.every(({ verdicts }) => isSilent(decision, verdicts)),
    ),
  };
}

/** A key that was asked about, what was said of it, and how long that took. */
interface ExaminedCase {
  readonly input: CheckCase;
  readonly verdicts: PolicyVerdicts;
  readonly ms: number;
}

/** Asks about all keys, then again in the opposite order, with the laws at each. */
function examineWith(examination: ExaminationOptions, configuration: CheckConfiguration): readonly ExaminedCase[] {
  const asking: CheckContext = { ...examination, configuration };
  const draw = seededDraw(SEED);
  const words = collectVocabulary(examination.sources, configuration.forms);
  const seen: ExaminedCase[] = [];
  const until = examination.now() + LONGEST_PASS_MS;
  let slowCount = 0;
  while (seen.length < KEYS && slowCount < SLOW_MAX && examination.now() < until) {
    examination.onStep(`asked with ${configuration.text}`);
    const look = deepFreeze(drawCase(draw, examination.policy.reads ?? [], words));
    const one = measureCall(examination, asking, look);
    seen.push({ input: look, ...one });
    if (one.ms > LIMIT_MS) slowCount += 1;
  }
  const untilAgain = examination.now() + LONGEST_PASS_MS;
  for (const { input, verdicts } of seen.toReversed()) {
    if (examination.now() > untilAgain) break;
    examination.onStep(`asked again with ${configuration.text}`);
    repeatCall(asking, draw, input, verdicts);
  }
  return seen;
}

function measureCall(
  { now }: ExaminationOptions,
  asking: CheckContext,
  look: CheckCase,
): { verdicts: PolicyVerdicts; ms: number } {
  const measure = () => {
    const startedAt = now();
    const verdicts = callPolicy(asking, look);
    return { verdicts, ms: now() - startedAt };
  };
  const first = measure();
  if (first.ms <= LIMIT_MS) return first;
  // The machine may have been busy with something else: the key is slow when it is slow each time.
  const ms = Math.min(first.ms, measure().ms, measure().ms);
  if (ms > LIMIT_MS) addFinding(asking, 'fast', `a key takes ${ms.toFixed(0)} ms`, look);
  return { verdicts: first.verdicts, ms };
}

/** Asks about an equal key that is another object, and holds the answers to the laws. */
function repeatCall(asking: CheckContext, draw: Draw, look: CheckCase, said: PolicyVerdicts): void {
  const again = callPolicy(asking, deepFreeze(structuredClone(look)));
  if (!isDeepStrictEqual(said, again)) {
    addFinding(asking, 'deterministic', `it says ${JSON.stringify(said)}, and then ${JSON.stringify(again)}`, look);
    return;
  }
  checkCounted(asking, look, said);
  checkTimeless(asking, draw, look, said);
  checkMoreUse(asking, draw, look, said);
  checkAge(asking, look, said);
}
