import type { Finding } from './finding.ts';
import { type KeyChange, entriesOf, type History, type Verification } from './history.ts';

/** How soon a node refuses what another one has ended, at most (rule 29). Its own it refuses at once. */
const REACH_MS = 5_000;

/** How far a node's time may be from the test's without its warning of that (rule 27). */
const TIME_ERROR_MS = 2_000;

/** What says that nothing is known: to be asked again. */
const unknowing = new Set(['UNAVAILABLE', 'NO_ANSWER']);

/** Codes by which a verification refuses: a caller would stop a request, or throw a credential away. */
const refusals = new Set([
  'KEY_UNKNOWN',
  'ACTION_UNKNOWN',
  'SCOPE_MISSING',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
]);

/**
 * No verification accepts what was ended, by its bound after that was acknowledged or its own moment came; and none
 * refuses what nobody can have ended by then. A node that cannot know says so.
 */
export function checkVerifications(history: History): Finding[] {
  const changes = Map.groupBy(entriesOf(history, 'CHANGED'), ({ keyId }) => keyId);
  return entriesOf(history, 'VERIFIED').flatMap((one) => {
    const rule = findViolation(one, changes.get(one.keyId) ?? []);
    const lastedMs = one.answeredAt - one.askedAt;
    return rule === null ? [] : [{ rule, what: `${one.keyId}: ${one.answer} by node ${one.node} in ${lastedMs} ms` }];
  });
}

function findViolation(one: Verification, changes: readonly KeyChange[]): Finding['rule'] | null {
  if (unknowing.has(one.answer)) return null;
  if (refusals.has(one.answer)) return 'REFUSED_GOOD';
  switch (one.answer) {
    case 'VALID':
      return changes.some((change) => hasEnded(one, change, changes)) ? 'ACCEPTED_LATE' : null;
    case 'KEY_REVOKED':
      return changes.some(({ event, sentAt }) => event === 'KEY_REVOKED' && sentAt <= one.answeredAt)
        ? null
        : 'REFUSED_GOOD';
    case 'KEY_EXPIRED':
      return changes.some(({ endsAt }) => endsAt !== null && endsAt - TIME_ERROR_MS <= one.answeredAt)
        ? null
        : 'REFUSED_GOOD';
    case 'KEY_HELD':
      return changes.some((change) => mayHold(one, change, changes)) ? null : 'REFUSED_GOOD';
    case 'SECRET_RETIRED':
      return changes.some((change) => mayRetire(one, change)) ? null : 'REFUSED_GOOD';
    default:
      return 'ANSWERED_WITH_A_FAULT';
  }
}

/** Whether a change had ended what was asked about by the time that it was asked, wherever. */
function hasEnded(one: Verification, change: KeyChange, changes: readonly KeyChange[]): boolean {
  const { event, node, answeredAt, endsAt, retires } = change;
  const isKnown = one.askedAt > answeredAt + (one.node === node ? 0 : REACH_MS);
  if (event === 'KEY_REVOKED') return isKnown;
  if (event === 'KEY_HELD') return isKnown && (resumeOf(change, changes)?.sentAt ?? Infinity) > one.answeredAt;
  if (retires !== null) return isKnown && retires === one.generation;
  return endsAt !== null && one.askedAt >= endsAt + TIME_ERROR_MS;
}

function mayHold({ askedAt, answeredAt }: Verification, change: KeyChange, changes: readonly KeyChange[]): boolean {
  if (change.event !== 'KEY_HELD' || change.sentAt > answeredAt) return false;
  return (resumeOf(change, changes)?.answeredAt ?? Infinity) >= askedAt;
}

function resumeOf(held: KeyChange, changes: readonly KeyChange[]): KeyChange | undefined {
  return changes.find(({ event, sentAt }) => event === 'KEY_RESUMED' && sentAt >= held.answeredAt);
}

function mayRetire({ generation, answeredAt }: Verification, { retires, sentAt }: KeyChange): boolean {
  return sentAt <= answeredAt && retires === generation;
}
