import { DAY_MS } from '../../domain/duration.ts';
import type { RetentionByTable, RetentionRule } from '../../store/retention-rule.ts';

export const deviceRule: RetentionRule = {
  rows: 'all',
  retentionMs: DAY_MS,
  from: 'the expiry of the device’s codes',
  why: 'The row answers late polls. The time is short because unauthenticated clients create rows. Events of devices stay in the log.',
  remove: async (tx, before, limit) =>
    (await tx.device.deleteMany({ where: { expiresAt: { lte: before } }, limit })).count,
};

export const deviceRetention = { Device: [deviceRule] } satisfies RetentionByTable;
