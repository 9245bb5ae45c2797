import { checkChanges } from './check-changes.ts';
import { checkDecisions } from './check-decisions.ts';
import { checkMails } from './check-mails.ts';
import { checkReaders } from './check-readers.ts';
import { checkReceiver } from './check-receiver.ts';
import { checkVerifications } from './check-verifications.ts';
import type { Finding } from './finding.ts';
import type { History } from './history.ts';

/** All that a history has of what may never be. Everybody has to have been given the time to catch up before it ends. */
export function check(history: History): Finding[] {
  return [checkChanges, checkReaders, checkReceiver, checkMails, checkVerifications, checkDecisions].flatMap((one) =>
    one(history),
  );
}
