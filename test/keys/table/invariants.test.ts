import * as fc from 'fast-check';
import { test } from 'vitest';
import { assertProperty } from '../../laws/assert-property.ts';
import { steps, TableHistory } from './history.ts';
import { openTwoNodes } from './two-nodes.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

test(
  'verification from memory: no answer of two nodes is ever better than the truth at its age, whatever changes, is cut or passes',
  { timeout: isLong ? 900_000 : 120_000 },
  async () => {
    const two = await openTwoNodes();
    await assertProperty(
      fc.asyncProperty(steps, (all) => new TableHistory(two).run(all)),
      { numRuns: isLong ? 400 : 12, minRuns: 3, timeLimitMs: isLong ? 600_000 : 50_000 },
    );
  },
);
