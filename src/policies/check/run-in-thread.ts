import { Worker } from 'node:worker_threads';
import { resolveOwnFile } from '../../resolve-own-file.ts';
import type { CheckReport } from './check-module.ts';
import type { PolicyCheck } from './policy-checks.ts';

/** What the thread is given. */
export interface CheckJob {
  readonly path: string;
  readonly configurations: readonly unknown[];
}

/** What the thread tells: what it is about to do, and in the end what came of it. */
export type CheckMessage = { readonly step: string } | { readonly report: CheckReport };

/** One step is a key, of which a gateway expects an answer in 50 ms. */
const STEP_TIMEOUT_MS = 5_000;

/** Far more than a gateway gives, with room for what checks. */
const MEMORY_MB = 512;

/** Checks a module in a thread, and ends that when the module loops, ends it, or takes too much memory: that is a finding too. */
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
      end(failed(`while ${step}: no answer within ${STEP_TIMEOUT_MS / 1_000} seconds`));
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
