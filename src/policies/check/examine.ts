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

/** The number of keys for each configuration, unless they take longer than `LONGEST_PASS_MS`. */
const KEYS = 2_000;
const LONGEST_PASS_MS = 5_000;
const SEED = 3_650;

/** The time that a gateway allows for a key. After `SLOW_MAX` slower keys the pass ends. */
const LIMIT_MS = 50;
const SLOW_MAX = 3;

/** The result of an examination besides its findings. Times are milliseconds per key, for all functions of the policy. */
export interface ExaminationResult {
  readonly keyCount: number;
  readonly medianMs: number;
  readonly worstMs: number;
  /** Functions that had no opinion on any key, so that they were not checked. */
  readonly silentDecisions: readonly Decision[];
}

interface ExaminationOptions {
  readonly policy: Policy;
  /** The source text of the policy's files. */
  readonly sources: readonly string[];
  readonly configurations: readonly CheckConfiguration[];
  readonly findings: Findings;
  readonly watch: AccessWatch;
  readonly now: () => number;
  /** Called with the current step before each key. */
  readonly onStep: (step: string) => void;
}

/** Calls a policy for generated keys, the same in every run, with each configuration, and adds findings for violated checks. */
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

/** A case, the policy's verdicts on it, and the time that they took. */
interface ExaminedCase {
  readonly input: CheckCase;
  readonly verdicts: PolicyVerdicts;
  readonly ms: number;
}

/** Evaluates all keys, then again in the opposite order with the checks of the laws. */
function examineWith(examination: ExaminationOptions, configuration: CheckConfiguration): readonly ExaminedCase[] {
  const asking: CheckContext = { ...examination, configuration };
  const draw = seededDraw(SEED);
  const words = collectVocabulary(examination.sources, configuration.forms);
  const seen: ExaminedCase[] = [];
  const until = examination.now() + LONGEST_PASS_MS;
  let slowCount = 0;
  while (seen.length < KEYS && slowCount < SLOW_MAX && examination.now() < until) {
    examination.onStep(`called with ${configuration.text}`);
    const look = deepFreeze(drawCase(draw, examination.policy.reads ?? [], words));
    const one = measureCall(examination, asking, look);
    seen.push({ input: look, ...one });
    if (one.ms > LIMIT_MS) slowCount += 1;
  }
  const untilAgain = examination.now() + LONGEST_PASS_MS;
  for (const { input, verdicts } of seen.toReversed()) {
    if (examination.now() > untilAgain) break;
    examination.onStep(`called again with ${configuration.text}`);
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
  // The machine may have been busy: a key counts as slow only if it is slow each time.
  const ms = Math.min(first.ms, measure().ms, measure().ms);
  if (ms > LIMIT_MS) addFinding(asking, 'fast', `a key takes ${ms.toFixed(0)} ms`, look);
  return { verdicts: first.verdicts, ms };
}

/** Evaluates an equal copy of a case, and checks the verdicts against the laws. */
function repeatCall(context: CheckContext, draw: Draw, input: CheckCase, verdicts: PolicyVerdicts): void {
  const again = callPolicy(context, deepFreeze(structuredClone(input)));
  if (!isDeepStrictEqual(verdicts, again)) {
    addFinding(
      context,
      'deterministic',
      `it returns ${JSON.stringify(verdicts)}, and then ${JSON.stringify(again)}`,
      input,
    );
    return;
  }
  checkCounted(context, input, verdicts);
  checkTimeless(context, draw, input, verdicts);
  checkMoreUse(context, draw, input, verdicts);
  checkAge(context, input, verdicts);
}
