import { expect, test } from 'vitest';
import { RetryChange } from '../../src/log/change.ts';
import { changeAfterRehearsal, TURNS_MAX } from '../../src/log/rehearse.ts';
import { openCore } from '../support/core.ts';

test('rehearsal: changes of one subject that are run again take turns, and what exceeds the queue is refused at once', async () => {
  const core = await openCore();
  const cores = { rehearsal: core, transaction: core, mayRemember: false };
  const opened = Promise.withResolvers<void>();
  let [running, most] = [0, 0];
  /** Lacks something in its first transaction, and waits in its second rehearsal. */
  const runAgain = () => {
    let attempts = 0;
    return changeAfterRehearsal(
      cores,
      async () => {
        if (attempts === 0) return;
        running += 1;
        most = Math.max(most, running);
        await opened.promise;
        running -= 1;
      },
      async () => {
        attempts += 1;
        if (attempts === 1) throw new RetryChange('key_1', null);
        return attempts;
      },
    );
  };
  const over = 3;
  const changes = Array.from({ length: TURNS_MAX + over }, runAgain);
  const refused: unknown[] = [];
  for (const one of changes) one.catch((error: unknown) => refused.push(error));
  await expect.poll(() => refused.length).toBe(over);
  expect(refused).toEqual(Array(over).fill(expect.objectContaining({ code: 'UNAVAILABLE' })));
  opened.resolve();
  const ended = await Promise.allSettled(changes);
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(TURNS_MAX);
  expect(most).toBe(1);
  // The queue is empty again.
  expect(await runAgain()).toBe(2);
});
