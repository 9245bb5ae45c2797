import { HOUR_MS } from '../domain/duration.ts';
import { retainForEver, type RetentionByTable, type RetentionRule } from '../store/retention-rule.ts';

export const usedTokenRule: RetentionRule = {
  rows: 'all',
  retentionMs: HOUR_MS,
  from: 'the moment from which the token is refused as expired',
  why: 'A token is exchanged once. The hour is more than the clocks of nodes differ.',
  remove: async (tx, before, limit) =>
    (await tx.usedToken.deleteMany({ where: { keptUntil: { lte: before } }, limit })).count,
};

export const issuerRetention = {
  TrustedIssuer: retainForEver('Token rules and events name the issuer, also after it was distrusted.'),
  TokenRule: retainForEver('Keys name the rule that exchanged a token for them, also after it was removed.'),
  UsedToken: [usedTokenRule],
} satisfies RetentionByTable;
