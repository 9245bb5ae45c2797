import { decisionsOf, verdictProblem, type Decision } from '../check-verdict.ts';
import type { DormancyVerdict, ExpiryVerdict, Policy, RenewalVerdict } from '../contract.ts';
import type { PolicyCheck, Findings } from './policy-checks.ts';
import type { CheckConfiguration } from './read-configurations.ts';
import type { CheckCase } from './draw-case.ts';
import type { AccessWatch } from './watch-access.ts';

/**
 * A policy's verdicts on a key. A member is missing if the policy lacks the function, or if the function threw or
 * returned an invalid value.
 */
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

/** Calls all functions of a policy for a case. Adds findings about the calls and the returned values. */
export function callPolicy(context: CheckContext, input: CheckCase): PolicyVerdicts {
  const verdicts = decisionsOf(context.policy).map(
    (decision) => [decision, callDecision(context, decision, input)] as const,
  );
  return Object.fromEntries(verdicts.filter(([, verdict]) => verdict !== null));
}

/** Adds a finding with everything that is needed to reproduce it. */
export function addFinding(
  { findings, configuration }: CheckContext,
  check: PolicyCheck,
  problem: string,
  { facts, moment }: CheckCase,
): void {
  const at = new Date(moment).toISOString();
  findings.add(check, `${problem}\nwith ${configuration.text}, at ${at}, for\n${JSON.stringify(facts)}`);
}

function callDecision(context: CheckContext, decision: Decision, input: CheckCase): unknown {
  const { policy, configuration, watch } = context;
  try {
    const { value, reached } = watch.run(() => policy[decision]?.(input.facts, configuration.config, input.moment));
    for (const what of reached) addFinding(context, 'pure', `${decision} uses ${what}`, input);
    const problem = verdictProblem(decision, value);
    // A copy, so that later changes of the returned object do not hide differences.
    if (problem === null) return structuredClone(value);
    addFinding(context, 'bounded', `${decision}: ${problem}`, input);
  } catch (error) {
    addFinding(context, isMutationError(error) ? 'pure' : 'total', `${decision} throws ${String(error)}`, input);
  }
  return null;
}

/** Whether an error was caused by changing a frozen object. */
function isMutationError(error: unknown): boolean {
  return error instanceof TypeError && /read only|not extensible|Cannot delete|Cannot redefine/.test(error.message);
}
