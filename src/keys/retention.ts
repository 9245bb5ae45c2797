import { DAY_MS } from '../domain/duration.ts';
import { dayOf, monthOf } from '../domain/usage-day.ts';
import { retainForEver, type RetentionByTable, type RetentionRule } from '../store/retention-rule.ts';

/** As long as the days of use that policies read. */
const USAGE_RETENTION_MS = 400 * DAY_MS;

export const useMonthRule: RetentionRule = {
  rows: 'all',
  retentionMs: USAGE_RETENTION_MS,
  from: 'the end of the month',
  why: 'How often a key was used on each day, for those who may see the key.',
  remove: async (tx, before, limit) => {
    const month = { lt: monthOf(dayOf(before.getTime())) };
    return (await tx.useMonth.deleteMany({ where: { month }, limit })).count;
  },
};

export const useReporterRule: RetentionRule = {
  rows: 'all',
  retentionMs: 7 * DAY_MS,
  from: 'the last report of the process',
  why: 'A report that is sent again counts once, within that time.',
  remove: async (tx, before, limit) =>
    (await tx.useReporter.deleteMany({ where: { reportedAt: { lte: before } }, limit })).count,
};

export const refusalRule: RetentionRule = {
  rows: 'all',
  retentionMs: USAGE_RETENTION_MS,
  from: 'the end of the day',
  why: 'Which consumers were refused, and why. A consumer counts as known for as long.',
  remove: async (tx, before, limit) =>
    (await tx.refusal.deleteMany({ where: { day: { lt: dayOf(before.getTime()) } }, limit })).count,
};

export const breakageRule: RetentionRule = {
  rows: 'all',
  retentionMs: USAGE_RETENTION_MS,
  from: 'the end of the day',
  why: 'Which consumers a key broke, and when, for those who may see the key.',
  remove: async (tx, before, limit) =>
    (await tx.breakage.deleteMany({ where: { day: { lt: dayOf(before.getTime()) } }, limit })).count,
};

export const realmUsageRule: RetentionRule = {
  rows: 'all',
  retentionMs: USAGE_RETENTION_MS,
  from: 'the end of the day',
  why: 'How often the keys of a realm were verified, for administrators.',
  remove: async (tx, before, limit) =>
    (await tx.realmUsage.deleteMany({ where: { day: { lt: dayOf(before.getTime()) } }, limit })).count,
};

/** Keys are never deleted: history stays, and says why (law 10). */
export const keyRetention = {
  Key: retainForEver('An expired or revoked key stays readable, with the reason.'),
  Label: [{ rows: 'all', until: 'until the label is replaced', why: 'The labels in force, also of ended keys.' }],
  Hold: [
    { rows: 'all', until: 'until the key is resumed', why: 'The holds in force. The key’s history has the rest.' },
  ],
  Secret: retainForEver('A retired secret is refused with its own outcome. Only its digest is stored.'),
  Use: retainForEver(
    'Where a secret was used, and on which of the last 400 days: who has not moved to a new secret yet, and whether a retired secret is used somewhere new.',
  ),
  UseDays: retainForEver('One row for each key: the last 400 days on which it was used. Policies read it.'),
  UseMonth: [useMonthRule],
  Refusal: [refusalRule],
  Breakage: [breakageRule],
  RealmUsage: [realmUsageRule],
  UseReporter: [useReporterRule],
  KeyImport: retainForEver('Where a key came from. The same row, imported again, changes nothing.'),
  Leak: retainForEver('A leak reported again changes nothing, whenever the report comes.'),
  Notice: retainForEver('Each notice is given once. Without its row it would be given again.'),
} satisfies RetentionByTable;
