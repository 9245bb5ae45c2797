import type { LeakOutcome } from '../../prisma/generated/client/client.ts';
import type { LeakedSecret } from './load-leaks.ts';
import { formatUtcMoment } from './format-moment.ts';

/** For each outcome: what was done to the key, and what the reader should do. */
const outcomeSentences: Record<LeakOutcome | 'HELD_EXPIRED', readonly [string, string]> = {
  HELD: [
    'The key was held: it does not work until a person resumes it.',
    'Issue another key in its place. Or keep this key: first rotate it with a grace period of 0, then resume it. Do not resume it without rotating it: it would then work for anyone who found the leaked secret.',
  ],
  HELD_EXPIRED: [
    'The key has expired. It was also held: even if it is renewed, it does not work until a person resumes it.',
    'If you need it again, first rotate it with a grace period of 0, then resume it.',
  ],
  REVOKED: ['The key was revoked and will never work again.', 'Issue another key in its place.'],
  RETIRED: [
    'A person had already replaced this secret. It has now stopped working, before the end of its grace period; the key’s current secret still works.',
    'Give the current secret to everything that still uses the leaked one.',
  ],
};

/**
 * Describes one leak, one line for each point: where the secret was found, what was done, its last uses, what to do.
 */
export function describeLeak(leak: LeakedSecret): readonly string[] {
  const { start, reportedBy, url, reportedAt, outcome, hasExpired, uses } = leak;
  const [statement, advice] = outcomeSentences[outcome === 'HELD' && hasExpired ? 'HELD_EXPIRED' : outcome];
  const location = url === null ? '' : ` at ${url}`;
  const lastUses = uses.map(
    ({ consumer, lastUsedAt }) => `${consumer ?? 'a caller without a label'} on ${formatUtcMoment(lastUsedAt)}`,
  );
  return [
    `Its secret ${start}… was found${location}. ${reportedBy} reported this on ${formatUtcMoment(reportedAt)}.`,
    statement,
    lastUses.length === 0 ? 'Keytide never saw the secret in use.' : `Last uses of the secret: ${lastUses.join('; ')}.`,
    'Check that all uses were yours, and check the keys that this key issued.',
    advice,
  ];
}
