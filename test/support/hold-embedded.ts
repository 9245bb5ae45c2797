// A process that runs the embedded PostgreSQL on a folder, as a gateway does, until it is told to stop:
// node hold-embedded.ts <folder>
//
// It writes one line of JSON: { connectionString, wasAdopted, startMs } or { refusal }.

import { startEmbedded } from '../../src/store/embedded.ts';
import { StoreError } from '../../src/store/store-error.ts';

const [folder = ''] = process.argv.slice(2);
const log = { info() {}, warn() {} };
const begunAt = performance.now();

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

try {
  const { connectionString, wasAdopted, stop } = await startEmbedded({ folder, fsync: false, log });
  process.once('SIGTERM', () => void stop().then(() => process.exit(0)));
  say({ connectionString, wasAdopted, startMs: performance.now() - begunAt });
  setInterval(() => {}, 60_000);
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  say({ refusal: error.message });
}
