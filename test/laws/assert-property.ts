import * as fc from 'fast-check';

interface AssertOptions<Input> {
  readonly numRuns: number;
  /** How many runs must have been checked when the time limit interrupts the property. */
  readonly minRuns: number;
  readonly timeLimitMs: number;
  /** Inputs that are checked before the random ones. */
  readonly examples?: Input[];
}

/**
 * Checks a property like `fc.assert`, within a time limit. `fc.assert` accepts an interrupted property after a single
 * successful run; here it fails unless `minRuns` runs were checked.
 */
export async function assertProperty<Input>(
  property: fc.IAsyncPropertyWithHooks<[Input]>,
  { numRuns, minRuns, timeLimitMs, examples = [] }: AssertOptions<Input>,
): Promise<void> {
  const details = await fc.check(property, {
    numRuns,
    interruptAfterTimeLimit: timeLimitMs,
    examples: examples.map((example): [Input] => [example]),
  });
  if (details.failed) {
    throw new Error(await fc.asyncDefaultReportMessage(details), { cause: details.errorInstance });
  }
  if (details.interrupted && details.numRuns < minRuns) {
    throw new Error(
      `property interrupted after ${details.numRuns} of ${numRuns} runs; expected at least ${minRuns} in ${timeLimitMs} ms`,
    );
  }
}
