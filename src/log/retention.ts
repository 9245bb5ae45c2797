import type { RetentionByTable, RetentionRule } from '../store/retention-rule.ts';
import { quietChangeRule } from './quiet-changes.ts';
import { RESULT_RETENTION_MS, SECRET_REPLAY_MS } from './idempotency.ts';

export const sealedSecretRule: RetentionRule = {
  rows: 'the sealed secret of a result',
  retentionMs: SECRET_REPLAY_MS,
  from: 'the request',
  why: 'A repeated request gets the secret again within that day. The rest of the row stays.',
  remove: async (tx, before, limit) => {
    const where = { createdAt: { lte: before }, sealed: { not: null } };
    return (await tx.idempotencyRecord.updateMany({ where, data: { sealed: null }, limit })).count;
  },
};

export const resultRule: RetentionRule = {
  rows: 'all',
  retentionMs: RESULT_RETENTION_MS,
  from: 'the request',
  why: 'A repeated request gets the stored result within that time. A later one is a new request, whether the row exists or not.',
  remove: async (tx, before, limit) =>
    (await tx.idempotencyRecord.deleteMany({ where: { createdAt: { lte: before } }, limit })).count,
};

export const logRetention = {
  Lineage: [{ rows: 'all', until: 'for ever', why: 'The histories that the database belonged to, a row for each.' }],
  LogHead: [{ rows: 'the only row', until: 'for ever', why: 'The head of the log.' }],
  Event: [
    {
      rows: 'all',
      until: 'at least `KEYTIDE_LOG_RETENTION` after the event was recorded',
      why: 'Readers continue from their cursor. Whole partitions are dropped.',
    },
  ],
  QuietChange: [quietChangeRule],
  KeyHistory: [
    { rows: 'all', until: 'for ever', why: 'The events of a key stay in its history when they leave the log.' },
  ],
  IdempotencyRecord: [sealedSecretRule, resultRule],
} satisfies RetentionByTable;
