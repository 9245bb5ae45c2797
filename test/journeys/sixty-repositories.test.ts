import { expect, test } from 'vitest';
import { withDatabaseClient } from '../faults/own-database.ts';
import { invariantsBroken } from '../support/invariants.ts';
import { drawMonths } from './draw-months.ts';
import { simulateOrganization, type SimulationResult } from './simulate-organization.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;
const plan = isLong ? { repositoryCount: 60, days: 3 * 365 } : { repositoryCount: 5, days: 140 };
const timeout = isLong ? 3_600_000 : 600_000;

test(
  'sixty repositories: with keytide renew no job fails because of a key and no secret gets too old, despite outages and a leak; without it all jobs fail',
  { timeout },
  async ({ annotate }) => {
    const automated = await simulateOrganization({ ...plan, isAutomated: true });
    await annotate(formatResult(automated));
    expect(automated.jobs.broken).toEqual([]);
    expect(automated.secrets.breaches).toEqual([]);
    // Each secret has one successor, made by one rotation.
    expect(await withDatabaseClient(automated.gateway.database, invariantsBroken)).toEqual({});
    expectAllHappened(automated);

    const manual = await simulateOrganization({ ...plan, isAutomated: false });
    await annotate(formatResult(manual));
    const [months, manualMonths] = [automated.jobs.months, manual.jobs.months];
    expect(manualMonths.map(({ jobCount }) => jobCount)).toEqual(months.map(({ jobCount }) => jobCount));
    // Every key stops 90 days after it was issued, and all later jobs fail.
    const brokenCounts = months.map(({ jobCount }, month) => (month < 3 ? 0 : jobCount));
    expect(manualMonths.map(({ brokenCount }) => brokenCount)).toEqual(brokenCounts);
    if (!isLong) return;
    await expect(drawMonths(months, manualMonths)).toMatchFileSnapshot('../../docs/pictures/sixty-repositories.svg');
  },
);

/**
 * Expects that every kind of event happened: on every CI system, in every rhythm; in the long form also the rarer
 * failures.
 */
function expectAllHappened({
  jobs,
  secrets,
  renewals,
  lostAnswers,
  secretCount,
  confirmedCount,
}: SimulationResult): void {
  const { outcomes, rotations, failedDeploys } = renewals;
  // Daily jobs complete the proof before the grace period ends; of the weekly ones some do.
  expect(confirmedCount).toBeGreaterThan(outcomes['ROTATED']! / 4);
  const systems = ['Azure Pipelines', 'GitHub Actions', 'GitLab CI', 'Jenkins'];
  expect(Object.keys(rotations).sort()).toEqual(systems);
  for (const [rhythm, count] of Object.entries(jobs.counts)) expect(count, rhythm).toBeGreaterThan(0);
  const isSeen = (counts: Readonly<Record<string, number>>) => (what: string) => (counts[what] ?? 0) > 0;
  // In the short form one of these has to happen.
  const rare = [...systems.filter(isSeen(failedDeploys)), ...['Renew'].filter(isSeen(lostAnswers))];
  expect(rare.length).toBeGreaterThanOrEqual(isLong ? systems.length + 1 : 1);
  const ends = ['WAITING', 'FAILED', 'UNREACHABLE', ...(isLong ? ['TAKEN_BACK'] : [])];
  expect(ends.filter(isSeen(outcomes))).toEqual(ends);
  const operations = ['OwnKey', ...(isLong ? ['Confirm', 'Undo'] : [])];
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
