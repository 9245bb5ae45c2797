// @ts-check

import { exchange } from './exchange.mjs';
import { annotate, readInput, StepError } from './job.mjs';
import { renew } from './renew.mjs';

const actions = { exchange, renew };

try {
  const action = readInput('do') || 'exchange';
  if (action !== 'exchange' && action !== 'renew') throw new StepError('The input do must be exchange or renew.');
  await actions[action]();
} catch (error) {
  // The message of an unexpected error may contain a secret, so only its name is printed.
  annotate(
    'error',
    error instanceof StepError
      ? error.message
      : `A bug in this action: ${error instanceof Error ? error.name : typeof error}.`,
  );
  process.exitCode = 1;
}
