import type { Report } from './check-module.ts';
import { checks, type Check } from './checks.ts';

/** The report as lines: each check, what is wrong where it does not hold, and how long a key took. */
export function printReport(path: string, { policy, findings, examined }: Report): string {
  const wrong = new Map(findings.map((finding) => [finding.check, finding]));
  const lines = Object.entries(checks).flatMap(([check, title]) => {
    const finding = wrong.get(check as Check);
    if (finding !== undefined) return [`  FAILS  ${title}`, ...explain(finding)];
    return examined === null ? [] : [`  holds  ${title}`];
  });
  return [
    `${path}: ${policy ?? 'not checked to the end'}`,
    ...lines,
    ...unseen(examined),
    ...speed(examined),
    verdict(findings.length, examined),
  ].join('\n');
}

function explain({ first, count }: { first: string; count: number }): string[] {
  const others = count > 1 ? [`and ${count - 1} more like it`] : [];
  return [...first.split('\n'), ...others].map((line) => `         ${line}`);
}

function unseen(examined: Report['examined']): string[] {
  const said = 'no generated key got anything but silence, so nothing of what it does was checked';
  const decisions = examined?.unseen ?? [];
  return decisions.map((decision) => `  unseen ${decision}: ${said}; give a configuration under which it speaks`);
}

function speed(examined: Report['examined']): string[] {
  if (examined === null) return [];
  const { keyCount, medianMs, worstMs } = examined;
  return [`${keyCount} keys: ${medianMs.toFixed(3)} ms a key in the median, ${worstMs.toFixed(3)} ms at worst`];
}

function verdict(wrongCount: number, examined: Report['examined']): string {
  if (wrongCount > 1) return `${wrongCount} checks do not hold.`;
  if (wrongCount === 1) return '1 check does not hold.';
  if (examined === null || examined.unseen.length === 0) return 'It is a policy that keeps the contract.';
  return `What was seen of it keeps the contract; of ${examined.unseen.join(' and ')} nothing was.`;
}
