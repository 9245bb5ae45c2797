import { HOUR_MS } from '../../src/domain/duration.ts';
import type { Finding } from './finding.ts';
import { entriesOf, type History, type StoredEvent } from './history.ts';

/** What the gateway decides by itself it decides once, whichever nodes are at it; and it does decide. */
export function checkDecisions(history: History): Finding[] {
  const findings: Finding[] = [];
  const decided = new Map<string, StoredEvent>();
  for (const event of history.events) {
    const name = decisionOf(event);
    if (name === null) continue;
    const before = decided.get(name);
    if (before !== undefined) {
      findings.push({ rule: 'DECIDED_TWICE', what: `${name}, at ${before.position} and ${event.position}` });
    }
    decided.set(name, event);
  }
  for (const { keyId, endsAt, answeredAt } of entriesOf(history, 'CHANGED')) {
    if (endsAt === null) continue;
    const isFar = endsAt - answeredAt > HOUR_MS;
    const wanted = isFar ? `${keyId} KEY_EXPIRING ${new Date(endsAt).toISOString()} P7D` : `${keyId} KEY_EXPIRED`;
    if (!decided.has(wanted)) findings.push({ rule: 'NEVER_DECIDED', what: wanted });
  }
  return findings;
}

/** What was decided, so that the same again has the same name; null: it was no decision of the gateway's own. */
function decisionOf({ type, keyId, data }: StoredEvent): string | null {
  switch (type) {
    case 'KEY_EXPIRED':
      return `${keyId} ${type}`;
    case 'KEY_EXPIRING':
      return `${keyId} ${type} ${String(data['stopsAt'])} ${String(data['threshold'])}`;
    case 'KEY_FIRST_USED':
      return `${keyId} ${type} ${String(data['generation'])}`;
    case 'KEY_SECRET_REUSED':
      return `${keyId} ${type} ${String(data['generation'])} ${String(data['consumer'])}`;
    default:
      return null;
  }
}
