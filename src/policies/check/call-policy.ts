import { decisionsOf, verdictProblem, type Decision } from '../check-verdict.ts';
import type { DormancyVerdict, ExpiryVerdict, Policy, RenewalVerdict } from '../contract.ts';
import type { PolicyCheck, Findings } from './policy-checks.ts';
import type { CheckConfiguration } from './read-configurations.ts';
import type { CheckCase } from './draw-case.ts';
import type { AccessWatch } from './watch-access.ts';

/** What a policy says of one key; without what it does not decide, and without what was no verdict. */
export interface PolicyVerdicts {
  readonly expiry?: ExpiryVerdict;
  readonly renewal?: RenewalVerdict;
  readonly dormancy?: DormancyVerdict;
}

export interface CheckContext {
  readonly policy: Policy;
  readonly configuration: CheckConfiguration;
  readonly findings: Findings;
  readonly watch: AccessWatch;
}

/** Asks for all that a policy decides, and finds what is wrong with the asking or the answers. */
export function callPolicy(asking: CheckContext, look: CheckCase): PolicyVerdicts {
  const verdicts = decisionsOf(asking.policy).map(
    (decision) => [decision, callDecision(asking, decision, look)] as const,
  );
  return Object.fromEntries(verdicts.filter(([, verdict]) => verdict !== null));
}

/** Tells of a finding with all that is needed to see it again. */
export function addFinding(
  { findings, configuration }: CheckContext,
  check: PolicyCheck,
  problem: string,
  { facts, moment }: CheckCase,
): void {
  const at = new Date(moment).toISOString();
  findings.add(check, `${problem}\nwith ${configuration.text}, at ${at}, of\n${JSON.stringify(facts)}`);
}

function callDecision(asking: CheckContext, decision: Decision, look: CheckCase): unknown {
  const { policy, configuration, watch } = asking;
  try {
    const { value, reached } = watch.run(() => policy[decision]?.(look.facts, configuration.config, look.moment));
    for (const what of reached) addFinding(asking, 'pure', `${decision} looks at ${what}`, look);
    const problem = verdictProblem(decision, value);
    // A copy, so that what is changed afterwards is seen.
    if (problem === null) return structuredClone(value);
    addFinding(asking, 'bounded', `${decision}: ${problem}`, look);
  } catch (error) {
    addFinding(asking, isMutationError(error) ? 'pure' : 'total', `${decision} throws ${String(error)}`, look);
  }
  return null;
}

/** Whether an error comes of changing what is frozen. */
function isMutationError(error: unknown): boolean {
  return error instanceof TypeError && /read only|not extensible|Cannot delete|Cannot redefine/.test(error.message);
}
