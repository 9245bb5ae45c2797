import { faultOf, type Fault } from './fault.ts';

/** Something that modules are asked, in parts between which others get their turn. */
export interface ModuleJob {
  /** Whether it is over soon: a key or two. */
  readonly isSmall: boolean;
  /** Whether its module has lately kept everyone waiting. */
  isSuspect(): boolean;
  /** Does one part; true: there is more to do. Rejects when what the process said is not to be understood. */
  step(): Promise<boolean>;
  /** Answers what is not answered yet: with the fault that was found, or else with this. */
  giveUp(answer: Fault | 'LATER'): void;
}

/** How long a large job lets small ones pass. */
const LARGE_JOB_YIELD_MS = 300;

const malformedReply = faultOf('CRASHES', 'The process that ran it said something that nobody understands.');

/**
 * Takes jobs, and does one part at a time: small ones first, then those that came first, and those whose modules are suspect
 * when nothing else is there.
 */
export function createJobQueue(): (job: ModuleJob) => void {
  const waiting: { readonly job: ModuleJob; readonly since: number }[] = [];
  let isRunning = false;

  const rank = ({ job, since }: (typeof waiting)[number]) => {
    if (job.isSuspect()) return 2;
    return job.isSmall || performance.now() - since > LARGE_JOB_YIELD_MS ? 0 : 1;
  };

  const run = async () => {
    isRunning = true;
    for (;;) {
      const [first] = waiting.toSorted((one, other) => rank(one) - rank(other) || one.since - other.since);
      if (first === undefined) break;
      const hasMore = await first.job.step().catch(() => {
        first.job.giveUp(malformedReply);
        return false;
      });
      if (!hasMore) waiting.splice(waiting.indexOf(first), 1);
    }
    isRunning = false;
  };

  return (job) => {
    waiting.push({ job, since: performance.now() });
    if (!isRunning) void run();
  };
}
