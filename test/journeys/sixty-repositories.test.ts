import { expect, test } from 'vitest';
import { withDatabaseClient } from '../faults/own-database.ts';
import { invariantsBroken } from '../support/invariants.ts';
import { drawMonths } from './draw-months.ts';
import { simulateOrganization, type SimulationResult } from './simulate-organization.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;
const plan = isLong ? { repositoryCount: 60, days: 3 * 365 } : { repositoryCount: 8, days: 150 };
const timeout = isLong ? 3_600_000 : 300_000;

test(
  'sixty repositories: kept by the command, no job meets a dead key and no secret grows old, whatever fails and leaks; left alone all break',
  { timeout },
  async ({ annotate }) => {
    const kept = await simulateOrganization({ ...plan, isAutomated: true });
    await annotate(formatResult(kept));
    expect(kept.jobs.broken).toEqual([]);
    expect(kept.secrets.breaches).toEqual([]);
    // Of each secret one successor, made by one rotation.
    expect(await withDatabaseClient(kept.gateway.database, invariantsBroken)).toEqual({});
    expectAllHappened(kept);

    const alone = await simulateOrganization({ ...plan, isAutomated: false });
    await annotate(formatResult(alone));
    const [months, monthsAlone] = [kept.jobs.months, alone.jobs.months];
    expect(monthsAlone.map(({ jobCount }) => jobCount)).toEqual(months.map(({ jobCount }) => jobCount));
    // Every key stops 90 days after it was issued, and with it every job from then on.
    const brokenCounts = months.map(({ jobCount }, month) => (month < 3 ? 0 : jobCount));
    expect(monthsAlone.map(({ brokenCount }) => brokenCount)).toEqual(brokenCounts);
    if (!isLong) return;
    await expect(drawMonths(months, monthsAlone)).toMatchFileSnapshot('../../docs/pictures/sixty-repositories.svg');
  },
);

/** What was to be lived through has happened: on every CI system, in every rhythm; in the long form the rarer failures too. */
function expectAllHappened({
  jobs,
  secrets,
  renewals,
  lostAnswers,
  secretCount,
  confirmedCount,
}: SimulationResult): void {
  const { outcomes, rotations, failedDeploys } = renewals;
  // Jobs that run daily give the proof before the grace is over, of those that run weekly some.
  expect(confirmedCount).toBeGreaterThan(outcomes['ROTATED']! / 4);
  const systems = ['Azure Pipelines', 'GitHub Actions', 'GitLab CI', 'Jenkins'];
  expect(Object.keys(rotations).sort()).toEqual(systems);
  for (const [rhythm, count] of Object.entries(jobs.counts)) expect(count, rhythm).toBeGreaterThan(0);
  const isSeen = (counts: Readonly<Record<string, number>>) => (what: string) => (counts[what] ?? 0) > 0;
  expect(systems.filter(isSeen(failedDeploys)).length).toBeGreaterThanOrEqual(isLong ? systems.length : 1);
  const ends = ['WAITING', 'FAILED', 'UNREACHABLE', ...(isLong ? ['TAKEN_BACK'] : [])];
  expect(ends.filter(isSeen(outcomes))).toEqual(ends);
  const operations = ['OwnKey', 'Renew', ...(isLong ? ['Confirm', 'Undo'] : [])];
  expect(operations.filter(isSeen(lostAnswers))).toEqual(operations);
  expect(secretCount).toBeGreaterThan(plan.repositoryCount * (plan.days / 90));
  expect(secrets.leakedCount).toBeGreaterThanOrEqual(plan.repositoryCount);
  expect(secrets.daysUntilReplaced).toBeGreaterThan(0);
}

function formatResult({ jobs, secrets, renewals, lostAnswers, secretCount, confirmedCount }: SimulationResult): string {
  const { counts, broken } = jobs;
  const { oldestDays, leakedCount, daysUntilReplaced } = secrets;
  const { outcomes, rotations, failedDeploys } = renewals;
  const jobCount = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const seen = { jobCount, counts, brokenCount: broken.length, secretCount, confirmedCount };
  return JSON.stringify({
    ...seen,
    oldestDays,
    leakedCount,
    daysUntilReplaced,
    lostAnswers,
    rotations,
    failedDeploys,
    outcomes,
  });
}
