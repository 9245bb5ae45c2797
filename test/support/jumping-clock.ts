import { onTestFinished } from 'vitest';
import { startDatabaseClock, type DatabaseClock } from '../../src/store/database-clock.ts';
import type { ManualClock } from './clock.ts';
import { silent } from './embedded-process.ts';

/** The clock that nodes have in production, over a database whose time a test lets jump. */
export interface JumpingClock {
  readonly clock: DatabaseClock;
  /** The same for what takes a clock that is moved by hand, and moves it nowhere. */
  readonly shownClock: ManualClock;
  /** What the database's clock shows. */
  databaseNow(): Date;
  /** The database's time jumps; the node has measured it when this resolves. */
  jump(ms: number): Promise<void>;
}

export async function startJumpingClock(): Promise<JumpingClock> {
  let jumpedMs = 0;
  const databaseAt = () => Date.parse('2026-11-23T12:00:00.000Z') + performance.now() + jumpedMs;
  const clock = await startDatabaseClock({ readDatabaseTime: async () => databaseAt(), log: silent });
  onTestFinished(() => clock.stop());
  return {
    clock,
    shownClock: clock as unknown as ManualClock,
    databaseNow: () => new Date(databaseAt()),
    jump(ms) {
      jumpedMs += ms;
      return clock.measure();
    },
  };
}
