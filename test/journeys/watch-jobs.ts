import type { AccountCaller } from '../../src/domain/caller.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import type { Gateway } from '../support/gateway.ts';
import type { Month } from './draw-months.ts';
import type { Repository, Rhythm } from './repositories.ts';

/** Runs jobs and sees whether the secrets that they find are good. */
export interface JobWatch {
  /** Of each 30 days. */
  readonly months: readonly Month[];
  /** How many jobs there were of repositories of each rhythm. */
  readonly counts: Readonly<Record<Rhythm, number>>;
  /** The jobs that met a dead key: when, of which repository, and what they were answered. */
  readonly broken: readonly string[];
  /** Runs a job of that repository with the secret that it finds. */
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
