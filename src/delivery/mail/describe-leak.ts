import type { LeakOutcome } from '../../../prisma/generated/client/client.ts';
import type { LeakedSecret } from './load-leaks.ts';
import { formatUtcMoment } from './format-moment.ts';

/** What was done, and what is to be done. */
const outcomeSentences: Record<LeakOutcome | 'HELD_EXPIRED', readonly [string, string]> = {
  HELD: [
    'The key is held: it does not work until somebody resumes it.',
    'Issue another key in its place. Or rotate it with no grace period while it is held, and then resume it: resumed as it is, it works for whoever found that secret.',
  ],
  HELD_EXPIRED: [
    'The key has expired. It is held as well: if it is renewed, it does not work until somebody resumes it.',
    'If it is needed again, rotate it with no grace period while it is held, before it is resumed.',
  ],
  REVOKED: ['The key was revoked and will not work again.', 'Issue another one in its place.'],
  RETIRED: [
    'A person had replaced that secret: it has ended now, ahead of its grace period, and the newer one goes on.',
    'Whatever still uses the old one needs the newer one.',
  ],
};

/** What is said of one leak, a sentence a line: where it was found, what was done, its last uses, and what to do. */
export function describeLeak(leak: LeakedSecret): readonly string[] {
  const { start, reportedBy, url, reportedAt, outcome, hasExpired, uses } = leak;
  const [done, advice] = outcomeSentences[outcome === 'HELD' && hasExpired ? 'HELD_EXPIRED' : outcome];
  const where = url === null ? '' : ` at ${url}`;
  const used = uses.map(
    ({ consumer, lastUsedAt }) => `${consumer ?? 'without a label'} on ${formatUtcMoment(lastUsedAt)}`,
  );
  return [
    `Its secret ${start}… was found${where}, as ${reportedBy} reported on ${formatUtcMoment(reportedAt)}.`,
    done,
    used.length === 0 ? 'It was never seen in use.' : `It was used last by: ${used.join('; ')}.`,
    'Look whether all of that was you, and at the keys that this one issued.',
    advice,
  ];
}
