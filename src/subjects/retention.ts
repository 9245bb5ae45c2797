import { DAY_MS } from '../domain/duration.ts';
import { retainForEver, type RetentionByTable, type RetentionRule } from '../store/retention-rule.ts';

export const portalSessionRule: RetentionRule = {
  rows: 'all, also sessions that were ended earlier',
  retentionMs: 30 * DAY_MS,
  from: 'the session’s expiry',
  why: 'An investigation may need to know who could use the keys of a customer. The token is refused from its expiry on.',
  remove: async (tx, before, limit) =>
    (await tx.portalSession.deleteMany({ where: { expiresAt: { lte: before } }, limit })).count,
};

export const subjectRetention = {
  Subject: retainForEver(
    'Keys and events name the subject. Removing a subject erases what names the customer; the id stays.',
  ),
  PortalSession: [portalSessionRule],
} satisfies RetentionByTable;
