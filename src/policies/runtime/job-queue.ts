import { faultOf, type Fault } from './fault.ts';

/** A job for the policy process, in steps between which other jobs can run. */
export interface ModuleJob {
  /** Whether it is short: a few keys. */
  readonly isSmall: boolean;
  /** The realm that it is for. Realms take turns. */
  readonly realmId: string;
  /** Whether its module looped or crashed recently. */
  isSuspect(): boolean;
  /** Runs one step. Returns whether there is more to do. Rejects if the process sent a malformed reply. */
  step(): Promise<boolean>;
  /** Settles the rest of the job with this reason. */
  giveUp(reason: Fault | 'LATER'): void;
}

/** How long small jobs may pass a large one, since its last step. */
const LARGE_JOB_YIELD_MS = 300;

const malformedReply = faultOf('CRASHES', 'The policy process sent a malformed reply.');

/**
 * Creates a queue that runs one step at a time: of small jobs first, of the realm that has waited longest, then of the oldest job.
 * Jobs of suspect modules run only when there is no other job.
 */
export function createJobQueue(): (job: ModuleJob) => void {
  const waiting: { readonly job: ModuleJob; since: number }[] = [];
  /** When each realm last had a turn, while jobs wait. */
  const turns = new Map<string, number>();
  let isRunning = false;

  const rank = ({ job, since }: (typeof waiting)[number]) => {
    if (job.isSuspect()) return 2;
    return job.isSmall || performance.now() - since > LARGE_JOB_YIELD_MS ? 0 : 1;
  };

  const turnOf = ({ job }: (typeof waiting)[number]) => turns.get(job.realmId) ?? 0;

  const run = async () => {
    isRunning = true;
    for (;;) {
      const [first] = waiting.toSorted(
        (one, other) => rank(one) - rank(other) || turnOf(one) - turnOf(other) || one.since - other.since,
      );
      if (first === undefined) break;
      turns.set(first.job.realmId, performance.now());
      const hasMore = await first.job.step().catch(() => {
        first.job.giveUp(malformedReply);
        return false;
      });
      if (!hasMore) waiting.splice(waiting.indexOf(first), 1);
      first.since = performance.now();
    }
    turns.clear();
    isRunning = false;
  };

  return (job) => {
    waiting.push({ job, since: performance.now() });
    if (!isRunning) void run();
  };
}
