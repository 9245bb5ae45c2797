import { DAY_MS } from '../domain/duration.ts';
import { retainForEver, type RetentionByTable, type RetentionRule } from '../store/retention-rule.ts';

export const shorteningCountRule: RetentionRule = {
  rows: 'all',
  retentionMs: DAY_MS,
  from: 'the minute that the row counts',
  why: 'The brake adds up the shortened keys of the last hour. The rest of the day is for investigations.',
  remove: async (tx, before, limit) =>
    (await tx.nearing.deleteMany({ where: { minute: { lte: before } }, limit })).count,
};

export const policyRetention = {
  Judgement: retainForEver('One row for each key: its stored verdicts, from which its stop is explained.'),
  Node: [
    {
      rows: 'all',
      until: '30 seconds after the node’s last heartbeat',
      why: 'The nodes that are alive. Each heartbeat of any node deletes the rows of dead nodes.',
    },
  ],
  Brake: retainForEver('A brake’s allowance counts on after its release, and events name the brake.'),
  WaitingStop: [
    {
      rows: 'all',
      until: 'until the brake is released or cancelled, or the stop is no longer needed',
      why: 'The earlier stop that the brake holds back.',
    },
  ],
  Nearing: [shorteningCountRule],
} satisfies RetentionByTable;
