import { expect } from 'vitest';
import { retentionRules } from '../../src/compose/table-retention.ts';
import type { Follower } from '../../src/log/follower.ts';
import { RetentionJob, type RetentionOptions } from '../../src/retention/retention-job.ts';
import { openCore, type OpenCore } from './core.ts';
import { openFollower } from './follower.ts';
import { connectTo } from './log.ts';

/** Opens a retention job with all rules that does not start by itself. */
export async function openRetention(
  core: OpenCore,
  options: Partial<RetentionOptions> & { readonly follower?: Follower } = {},
): Promise<RetentionJob> {
  return new RetentionJob(core, {
    rules: retentionRules,
    follower: options.follower ?? (await openFollower(core)).follower,
    connect: connectTo(core),
    retentionMs: null,
    onFailure: (error) => expect.unreachable(String(error)),
    ...options,
  });
}

/** Opens a retention job on the database of a gateway, with the gateway's clock. */
export async function openRetentionOf(gateway: {
  readonly database: string;
  readonly clock: OpenCore['clock'];
  readonly services: { readonly follower: Follower };
}): Promise<RetentionJob> {
  const { database, clock, services } = gateway;
  return openRetention(await openCore({ database, clock }), { follower: services.follower });
}
