import type { Finding } from './finding.ts';
import { entriesOf, type History } from './history.ts';

/**
 * A receiver of webhooks gets every event of keys at least once, those of one key in order. It may get one again, with the
 * same bytes: that one died before it could note what was answered, and it is known by its id.
 */
export function checkReceiver(history: History): Finding[] {
  const delivered = entriesOf(history, 'DELIVERED');
  const positions = new Map(history.events.map(({ id, position }) => [id, position]));
  const texts = new Map<string, string>();
  const newest = new Map<string, number>();
  const findings: Finding[] = [];
  for (const { id, keyId, text } of delivered) {
    const known = texts.get(id);
    if (known !== undefined) {
      if (known !== text) findings.push({ rule: 'DELIVERY_ALTERED', what: id });
      continue;
    }
    texts.set(id, text);
    const position = positions.get(id);
    if (position === undefined) findings.push({ rule: 'DELIVERY_ALTERED', what: `${id} is not in the log` });
    if (keyId === null || position === undefined) continue;
    const before = newest.get(keyId) ?? 0;
    if (position < before)
      findings.push({ rule: 'DELIVERY_OUT_OF_ORDER', what: `${keyId}: ${position} after ${before}` });
    newest.set(keyId, Math.max(before, position));
  }
  for (const { id, keyId, position, type } of history.events) {
    if (keyId === null || position <= history.since || texts.has(id)) continue;
    findings.push({ rule: 'DELIVERY_MISSED', what: `${position} ${type}` });
  }
  return findings;
}
