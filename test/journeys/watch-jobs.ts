import type { AccountCaller } from '../../src/domain/caller.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import type { Gateway } from '../support/gateway.ts';
import type { Month } from './draw-months.ts';
import type { Repository, Rhythm } from './repositories.ts';

/** Runs jobs and records whether their secrets are valid. */
export interface JobWatch {
  /** One entry per 30 days. */
  readonly months: readonly Month[];
  /** The number of jobs by rhythm of their repository. */
  readonly counts: Readonly<Record<Rhythm, number>>;
  /** The jobs that failed because of a key: instant, repository and outcome. */
  readonly broken: readonly string[];
  /** Runs a job of a repository with the secret that it reads. */
  run(repository: Repository, secret: string, month: number): Promise<void>;
}

export function watchJobs({ clock, services }: Gateway, verifier: AccountCaller): JobWatch {
  const months: { jobCount: number; brokenCount: number }[] = [];
  const counts = { daily: 0, weekly: 0, 'three times a year': 0, yearly: 0 };
  const broken: string[] = [];
  return {
    months,
    counts,
    broken,
    async run({ name, rhythm }, secret, month) {
      const { outcome } = await verifyKey(services, verifier, {
        secret,
        purpose: { action: 'package:push', resource: 'Acme.Core' },
        consumer: `ci/${name}`,
      });
      const counted = (months[month] ??= { jobCount: 0, brokenCount: 0 });
      counted.jobCount += 1;
      counts[rhythm] += 1;
      if (outcome === 'VALID') return;
      counted.brokenCount += 1;
      broken.push(`${clock.now().toISOString()} ${name}: ${outcome}`);
    },
  };
}
