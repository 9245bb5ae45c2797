import { DAY_MS } from '../domain/duration.ts';
import type { RetentionByTable, RetentionRule } from '../store/retention-rule.ts';

export const previewRule: RetentionRule = {
  rows: 'all',
  retentionMs: DAY_MS,
  from: 'the end of the confirmation token',
  why: 'A repeated request may return the keys of the dry run.',
  remove: async (tx, before, limit) =>
    (await tx.changePreview.deleteMany({ where: { expiresAt: { lte: before } }, limit })).count,
};

const retained = {
  retentionMs: 400 * DAY_MS,
  from: 'the end of the operation',
  why: 'People look up what was changed, and why a key was left out. The events of each key stay.',
};

export const operationKeyRule: RetentionRule = {
  ...retained,
  rows: 'keys of operations that have ended',
  remove: async (tx, before, limit) =>
    (await tx.operationKey.deleteMany({ where: { operation: { endedAt: { lte: before } } }, limit })).count,
};

export const operationRule: RetentionRule = {
  ...retained,
  rows: 'operations that have ended',
  remove: async (tx, before, limit) =>
    (
      await tx.operation.deleteMany({
        where: { endedAt: { lte: before }, keys: { none: {} }, mails: { none: {} } },
        limit,
      })
    ).count,
};

const open = { until: 'until the operation has ended', why: 'It is running, or can be resumed.' };

/** The rule of keys comes before the rule of operations: an operation is deleted once it has no keys left. */
export const operationRetention = {
  ChangePreview: [previewRule],
  OperationKey: [operationKeyRule, { rows: 'keys of open operations', ...open }],
  Operation: [operationRule, { rows: 'open operations', ...open }],
} satisfies RetentionByTable;
