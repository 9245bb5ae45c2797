import type { Finding } from './finding.ts';
import { entriesOf, type History } from './history.ts';
import { LEAK_REPORT } from './writer.ts';

/**
 * Of a secret that was reported as leaked somebody is told by mail; and of no key in two mails. One mail may come twice: a
 * node died before it could note that it was taken, and it is known by its message id.
 */
export function checkMails(history: History): Finding[] {
  const findings: Finding[] = [];
  const mailed = new Map<string, string>();
  for (const { messageId, keyIds } of entriesOf(history, 'MAILED')) {
    for (const keyId of keyIds) {
      const before = mailed.get(keyId) ?? messageId;
      if (before !== messageId)
        findings.push({ rule: 'MAIL_REPEATED', what: `${keyId}, in ${before} and ${messageId}` });
      mailed.set(keyId, before);
    }
  }
  for (const { keyId, mutation } of entriesOf(history, 'CHANGED')) {
    if (mutation === LEAK_REPORT && !mailed.has(keyId)) findings.push({ rule: 'MAIL_MISSED', what: keyId });
  }
  return findings;
}
