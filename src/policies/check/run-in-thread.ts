import { Worker } from 'node:worker_threads';
import { ownFile } from '../../own-file.ts';
import type { Report } from './check-module.ts';
import type { Check } from './checks.ts';

/** What the thread is given. */
export interface Job {
  readonly path: string;
  readonly configurations: readonly unknown[];
}

/** What the thread tells: what it is about to do, and in the end what came of it. */
export type Message = { readonly step: string } | { readonly report: Report };

/** One step is a key, of which a gateway expects an answer in 50 ms. */
const PATIENCE_MS = 5_000;

/** Far more than a gateway gives, with room for what checks. */
const MEMORY_MB = 512;

/** Checks a module in a thread, and ends that when the module loops, ends it, or takes too much memory: that is a finding too. */
export function runInThread(job: Job): Promise<Report> {
  const thread = new Worker(ownFile('thread.ts', import.meta.url), {
    workerData: job,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  return new Promise((resolve) => {
    let step = 'starting';
    const timer = setTimeout(giveUp, PATIENCE_MS);
    thread.on('message', (message: Message) => {
      if ('report' in message) return end(message.report);
      ({ step } = message);
      timer.refresh();
    });
    thread.on('error', (error) => end(failed(`while ${step}: ${String(error)}`)));
    thread.on('exit', () => end(failed(`while ${step}: it ended the process`)));

    function giveUp(): void {
      end(failed(`while ${step}: no answer within ${PATIENCE_MS / 1_000} seconds`));
    }

    function end(report: Report): void {
      clearTimeout(timer);
      resolve(report);
      void thread.terminate();
    }

    function failed(problem: string): Report {
      const check: Check = step === 'loading' ? 'loads' : 'total';
      return { policy: null, findings: [{ check, first: problem, count: 1 }], examined: null };
    }
  });
}
