import { createJobQueue, type ModuleJob } from './job-queue.ts';
import type { ChildSupervisor } from './supervise-child.ts';

/** A process with a queue of jobs for it. */
export interface Lane {
  readonly keeper: ChildSupervisor;
  /** Queues a job and gives it up at its deadline. Returns its result. */
  finish<Value>(job: ModuleJob, result: Promise<Value>, deadlineMs: number): Promise<Value>;
  /** Gives up all jobs, and those that are still queued. */
  close(): void;
}

export function createLane(keeper: ChildSupervisor): Lane {
  const enqueue = createJobQueue();
  const open = new Set<ModuleJob['giveUp']>();
  let isClosed = false;
  return {
    keeper,
    async finish(job, result, deadlineMs) {
      const { giveUp } = job;
      if (isClosed) giveUp('LATER');
      const timer = setTimeout(giveUp, deadlineMs, 'LATER' as const);
      open.add(giveUp);
      enqueue(job);
      try {
        return await result;
      } finally {
        clearTimeout(timer);
        open.delete(giveUp);
      }
    },
    close() {
      isClosed = true;
      for (const giveUp of open) giveUp('LATER');
    },
  };
}
