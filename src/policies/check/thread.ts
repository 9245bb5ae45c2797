import { parentPort, workerData } from 'node:worker_threads';
import { checkModule } from './check-module.ts';
import type { CheckJob, CheckMessage } from './run-in-thread.ts';

/** A repeated step is reported at most this often. */
const EVERY_MS = 1_000;

const now = performance.now.bind(performance);
const { path, configurations } = workerData as CheckJob;
let last = { step: '', at: -Infinity };

post({ report: await checkModule(path, configurations, reportStep) });

function reportStep(step: string): void {
  if (step === last.step && now() - last.at < EVERY_MS) return;
  last = { step, at: now() };
  post({ step });
}

function post(message: CheckMessage): void {
  parentPort?.postMessage(message, []);
}
