// @ts-check

import { exchange } from './exchange.mjs';
import { note, readInput, StepError } from './job.mjs';
import { renew } from './renew.mjs';

const ways = { exchange, renew };

try {
  const way = readInput('do') || 'exchange';
  if (way !== 'exchange' && way !== 'renew') throw new StepError('The input do is neither exchange nor renew.');
  await ways[way]();
} catch (error) {
  // What is no StepError may say anything: of it the kind alone is told.
  note(
    'error',
    error instanceof StepError
      ? error.message
      : `The action itself failed: ${error instanceof Error ? error.name : typeof error}.`,
  );
  process.exitCode = 1;
}
