import type { CheckReport } from './check-module.ts';
import { policyChecks, type PolicyCheck } from './policy-checks.ts';

/** Formats a report as text: each check, the first example of a failure, and the time per key. */
export function printReport(path: string, { policy, findings, examined }: CheckReport): string {
  const failed = new Map(findings.map((finding) => [finding.check, finding]));
  const lines = Object.entries(policyChecks).flatMap(([check, title]) => {
    const finding = failed.get(check as PolicyCheck);
    if (finding !== undefined) return [`  FAILS  ${title}`, ...explainFinding(finding)];
    return examined === null ? [] : [`  holds  ${title}`];
  });
  return [
    `${path}: ${policy ?? 'not fully checked'}`,
    ...lines,
    ...silentLines(examined),
    ...describeSpeed(examined),
    conclusion(findings.length, examined),
  ].join('\n');
}

function explainFinding({ first, count }: { first: string; count: number }): string[] {
  const others = count > 1 ? [`and ${count - 1} more like it`] : [];
  return [...first.split('\n'), ...others].map((line) => `         ${line}`);
}

function silentLines(examined: CheckReport['examined']): string[] {
  const problem = 'it has no opinion on any generated key, so that nothing of it was checked';
  const decisions = examined?.silentDecisions ?? [];
  return decisions.map(
    (decision) => `  unseen ${decision}: ${problem}; give a configuration for which it decides something`,
  );
}

function describeSpeed(examined: CheckReport['examined']): string[] {
  if (examined === null) return [];
  const { keyCount, medianMs, worstMs } = examined;
  return [`${keyCount} keys: median ${medianMs.toFixed(3)} ms per key, maximum ${worstMs.toFixed(3)} ms`];
}

function conclusion(wrongCount: number, examined: CheckReport['examined']): string {
  if (wrongCount > 1) return `${wrongCount} checks failed.`;
  if (wrongCount === 1) return '1 check failed.';
  if (examined === null || examined.silentDecisions.length === 0) return 'The policy keeps the contract.';
  return `The checked part keeps the contract; ${examined.silentDecisions.join(' and ')} could not be checked.`;
}
