import { DAY_MS } from '../../src/domain/duration.ts';
import { asAdministrator } from '../support/as-administrator.ts';
import { configure } from '../support/configure.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, makeOrganization } from '../support/issue.ts';
import { startLossyGateway } from '../support/lossy-gateway.ts';
import { passTime } from '../support/pass-time.ts';
import { seededDraw, type Draw } from '../support/seeded-random.ts';
import { openCiSystems } from './ci-systems.ts';
import { drawOutages } from './draw-outages.ts';
import { openRenewalMachine } from './renewal-machine.ts';
import { makeRepositories, type Repository } from './repositories.ts';
import { tallyRenewals, type RenewalTally } from './tally-renewals.ts';
import { watchJobs, type JobWatch } from './watch-jobs.ts';
import { watchSecrets, type SecretWatch } from './watch-secrets.ts';

/** The size and duration of a simulation, and whether keys are renewed. */
export interface SimulationPlan {
  readonly repositoryCount: number;
  readonly days: number;
  readonly isAutomated: boolean;
}

/** What the simulation observed. */
export interface SimulationResult {
  readonly gateway: Gateway;
  readonly jobs: JobWatch;
  readonly secrets: SecretWatch;
  readonly renewals: RenewalTally;
  /** The number of lost responses of the gateway, by operation. */
  readonly lostAnswers: Readonly<Record<string, number>>;
  readonly secretCount: number;
  /** The number of rotations that were confirmed before the end of their grace period. */
  readonly confirmedCount: number;
}

/** Days between runs of `keytide renew` for all keys; unfinished renewals are continued every twelve hours. */
const RENEW_EVERY_DAYS = 3;
/** Share of the gateway's responses that the machine loses. */
const LOST_SHARE = 1 / 10;

/** Simulates an organization's builds, with a leak in the middle. Deterministic. */
export async function simulateOrganization(plan: SimulationPlan): Promise<SimulationResult> {
  const { days, isAutomated } = plan;
  const { gateway, draw, repositories, systemOf, passOutages, machine, lostAnswers } = await openOrganization(plan);
  const jobs = watchJobs(gateway, await asAdministrator(gateway));
  const secrets = watchSecrets(gateway);
  const renewals = tallyRenewals(
    new Map(repositories.map((repository) => [repository.name, systemOf(repository).name])),
  );
  const build = async (day: number) => {
    for (const repository of repositories) {
      if (!repository.hasJob(day)) continue;
      const secret = systemOf(repository).read(repository.name);
      await jobs.run(repository, secret, Math.floor(day / 30));
    }
    await gateway.services.uses.flush();
  };
  const renew = async (names: readonly string[]) => renewals.note(await machine.renew(names));
  for (let day = 0; day < days; day += 1) {
    if (isAutomated && day === Math.floor(days / 2)) {
      await secrets.leak();
      const incident = { secretsMadeBefore: gateway.clock.now().toISOString(), within: 'P2D' };
      await configure(gateway, 'renewal-window', { rotateAfter: 'P90D', incident });
    }
    passOutages();
    const isRenewedFirst = draw.isChance(0.5);
    if (!isRenewedFirst) await build(day);
    if (isAutomated && day % RENEW_EVERY_DAYS === 0) await renew([]);
    else if (renewals.unfinished.length > 0) await renew(renewals.unfinished);
    if (isRenewedFirst) await build(day);
    if (isAutomated) await secrets.inspect();
    if (renewals.unfinished.length > 0) {
      await passTime(gateway, DAY_MS / 2);
      await renew(renewals.unfinished);
      await passTime(gateway, DAY_MS / 2);
    } else await passTime(gateway, DAY_MS);
  }
  const { prisma } = gateway;
  const isConfirmed = { type: 'KEY_ROTATION_COMPLETED', data: { path: ['by'], equals: 'CONFIRMED' } };
  const confirmedCount = await prisma.event.count({ where: isConfirmed });
  return { gateway, jobs, secrets, renewals, lostAnswers, secretCount: await prisma.secret.count(), confirmedCount };
}

/** Opens a gateway, repositories with a key each, and the CI systems of their jobs. */
async function openOrganization({ repositoryCount, days }: SimulationPlan) {
  const draw = seededDraw(60);
  const repositories = makeRepositories(repositoryCount, days, draw);
  const gateway = await openGateway({ random: createRandomBytes(seededDraw(64)) });
  await configure(gateway, 'bounded-lifetime', { longest: 'P90D', default: 'P90D', capEveryKey: 'P90D' });
  await configure(gateway, 'renewal-window', { rotateAfter: 'P90D' });
  let isOpen = false;
  const lostAnswers: Record<string, number> = {};
  const lossy = await startLossyGateway(gateway.url, (operation) => {
    const isLost = isOpen && draw.isChance(LOST_SHARE);
    if (isLost) lostAnswers[operation] = (lostAnswers[operation] ?? 0) + 1;
    return isLost;
  });
  const { all, env } = await openCiSystems(
    repositories.map(({ name }) => name),
    draw,
  );
  const systemOf = ({ index }: Repository) => all[index % all.length]!;
  const passOutages = drawOutages(all, draw);
  const machine = openRenewalMachine(gateway.clock, draw, env);
  const olga = await gateway.person('olga');
  const owner = await makeOrganization(gateway, olga.token);
  for (const repository of repositories) {
    const { name } = repository;
    const { secret } = await issue(gateway, olga.token, { name, owner });
    await machine.keep(name, secret, lossy.url, systemOf(repository).place(name));
  }
  isOpen = true;
  return { gateway, draw, repositories, systemOf, passOutages, machine, lostAnswers };
}

function createRandomBytes(draw: Draw): (size: number) => Uint8Array {
  return (size) => Uint8Array.from({ length: size }, () => draw.below(256));
}
