import { onTestFinished } from 'vitest';
import type { BindingCore } from '../../src/bindings/bind.ts';
import type { NoticeChannel } from '../../src/keys/notice-channel.ts';
import type { PolicyRuntime } from '../../src/policies/runtime/runtime.ts';
import { openStore, type Store } from '../../src/store/prisma.ts';
import { type Random, systemRandom } from '../../src/store/random.ts';
import { Sealer } from '../../src/store/sealing.ts';
import { ManualClock } from './clock.ts';
import { freshDatabase } from './database.ts';
import { sealingKey } from './first-node.ts';
import { sharedPolicies } from './policies.ts';
import { silent } from './embedded-process.ts';

/** What use cases stand on, and the store under it. */
export interface OpenCore extends BindingCore {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly database: string;
  readonly channels: readonly NoticeChannel[];
}

/** Opens a store on a real database, without a node around it; it closes with the test. */
export async function openCore(
  options: {
    database?: string;
    clock?: ManualClock;
    poolSize?: number;
    policies?: PolicyRuntime;
    channels?: readonly NoticeChannel[];
    random?: Random;
  } = {},
): Promise<OpenCore> {
  const database = options.database ?? (await freshDatabase());
  const store = openStore(database, { poolSize: options.poolSize ?? 10, log: silent });
  onTestFinished(() => store.close());
  const sealer = new Sealer(sealingKey, systemRandom);
  const clock = options.clock ?? new ManualClock();
  return {
    prisma: store.prisma,
    clock,
    random: options.random ?? systemRandom,
    sealer,
    policies: options.policies ?? (await sharedPolicies()),
    store,
    database,
    channels: options.channels ?? [],
  };
}
