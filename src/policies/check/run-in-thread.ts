import { Worker } from 'node:worker_threads';
import { resolveOwnFile } from '../resolve-own-file.ts';
import type { CheckReport } from './check-module.ts';
import type { PolicyCheck } from './policy-checks.ts';

/** The thread's input. */
export interface CheckJob {
  readonly path: string;
  readonly configurations: readonly unknown[];
}

/** A message of the thread: the step that it begins, or in the end the report. */
export type CheckMessage = { readonly step: string } | { readonly report: CheckReport };

/** The longest step. A step is a key, for which a gateway allows 50 ms. */
const STEP_TIMEOUT_MS = 5_000;

/** The memory limit: far more than a gateway allows, with room for the checker itself. */
const MEMORY_MB = 512;

/** Checks a module in a thread. A module that loops, ends the thread or exceeds its memory is reported as a finding. */
export function runInThread(job: CheckJob): Promise<CheckReport> {
  const thread = new Worker(resolveOwnFile('thread.ts', import.meta.url), {
    workerData: job,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  return new Promise((resolve) => {
    let step = 'starting';
    const timer = setTimeout(giveUp, STEP_TIMEOUT_MS);
    thread.on('message', (message: CheckMessage) => {
      if ('report' in message) return end(message.report);
      ({ step } = message);
      timer.refresh();
    });
    thread.on('error', (error) => end(failed(`while ${step}: ${String(error)}`)));
    thread.on('exit', () => end(failed(`while ${step}: it ended the process`)));

    function giveUp(): void {
      end(failed(`while ${step}: no reply within ${STEP_TIMEOUT_MS / 1_000} seconds`));
    }

    function end(report: CheckReport): void {
      clearTimeout(timer);
      resolve(report);
      void thread.terminate();
    }

    function failed(problem: string): CheckReport {
      const check: PolicyCheck = step === 'loading' ? 'loads' : 'total';
      return { policy: null, findings: [{ check, first: problem, count: 1 }], examined: null };
    }
  });
}
