import { decisionsOf, verdictProblem, type Decision } from '../check-verdict.ts';
import type { DormancyVerdict, ExpiryVerdict, Policy, RenewalVerdict } from '../contract.ts';
import type { Check, Findings } from './checks.ts';
import type { Configuration } from './configurations.ts';
import type { Look } from './draw-facts.ts';
import type { Watch } from './watch-reach.ts';

/** What a policy says of one key; without what it does not decide, and without what was no verdict. */
export interface Answer {
  readonly expiry?: ExpiryVerdict;
  readonly renewal?: RenewalVerdict;
  readonly dormancy?: DormancyVerdict;
}

export interface Asking {
  readonly policy: Policy;
  readonly configuration: Configuration;
  readonly findings: Findings;
  readonly watch: Watch;
}

/** Asks for all that a policy decides, and finds what is wrong with the asking or the answers. */
export function ask(asking: Asking, look: Look): Answer {
  const verdicts = decisionsOf(asking.policy).map((decision) => [decision, askFor(asking, decision, look)] as const);
  return Object.fromEntries(verdicts.filter(([, verdict]) => verdict !== null));
}

/** Tells of a finding with all that is needed to see it again. */
export function tell(
  { findings, configuration }: Asking,
  check: Check,
  problem: string,
  { facts, moment }: Look,
): void {
  const at = new Date(moment).toISOString();
  findings.add(check, `${problem}\nwith ${configuration.written}, at ${at}, of\n${JSON.stringify(facts)}`);
}

function askFor(asking: Asking, decision: Decision, look: Look): unknown {
  const { policy, configuration, watch } = asking;
  try {
    const { value, reached } = watch.during(() => policy[decision]?.(look.facts, configuration.config, look.moment));
    for (const what of reached) tell(asking, 'pure', `${decision} looks at ${what}`, look);
    const problem = verdictProblem(decision, value);
    // A copy, so that what is changed afterwards is seen.
    if (problem === null) return structuredClone(value);
    tell(asking, 'bounded', `${decision}: ${problem}`, look);
  } catch (error) {
    tell(asking, isChange(error) ? 'pure' : 'total', `${decision} throws ${String(error)}`, look);
  }
  return null;
}

/** Whether an error comes of changing what is frozen. */
function isChange(error: unknown): boolean {
  return error instanceof TypeError && /read only|not extensible|Cannot delete|Cannot redefine/.test(error.message);
}
