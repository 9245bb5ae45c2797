import type { CheckReport } from './check-module.ts';
import { policyChecks, type PolicyCheck } from './policy-checks.ts';

/** The report as lines: each check, what is wrong where it does not hold, and how long a key took. */
export function printReport(path: string, { policy, findings, examined }: CheckReport): string {
  const wrong = new Map(findings.map((finding) => [finding.check, finding]));
  const lines = Object.entries(policyChecks).flatMap(([check, title]) => {
    const finding = wrong.get(check as PolicyCheck);
    if (finding !== undefined) return [`  FAILS  ${title}`, ...explainFinding(finding)];
    return examined === null ? [] : [`  holds  ${title}`];
  });
  return [
    `${path}: ${policy ?? 'not checked to the end'}`,
    ...lines,
    ...silentLines(examined),
    ...speedLines(examined),
    conclusion(findings.length, examined),
  ].join('\n');
}

function explainFinding({ first, count }: { first: string; count: number }): string[] {
  const others = count > 1 ? [`and ${count - 1} more like it`] : [];
  return [...first.split('\n'), ...others].map((line) => `         ${line}`);
}

function silentLines(examined: CheckReport['examined']): string[] {
  const said = 'no generated key got anything but silence, so nothing of what it does was checked';
  const decisions = examined?.silentDecisions ?? [];
  return decisions.map((decision) => `  unseen ${decision}: ${said}; give a configuration under which it speaks`);
}

function speedLines(examined: CheckReport['examined']): string[] {
  if (examined === null) return [];
  const { keyCount, medianMs, worstMs } = examined;
  return [`${keyCount} keys: ${medianMs.toFixed(3)} ms a key in the median, ${worstMs.toFixed(3)} ms at worst`];
}

function conclusion(wrongCount: number, examined: CheckReport['examined']): string {
  if (wrongCount > 1) return `${wrongCount} checks do not hold.`;
  if (wrongCount === 1) return '1 check does not hold.';
  if (examined === null || examined.silentDecisions.length === 0) return 'It is a policy that keeps the contract.';
  return `What was seen of it keeps the contract; of ${examined.silentDecisions.join(' and ')} nothing was.`;
}
