import type { Finding } from './finding.ts';
import { entriesOf, type History, type StoredEvent } from './history.ts';

/** A subscriber with a cursor is told of every event after its first one: each once, in order, as the log has it. */
export function checkReaders(history: History): Finding[] {
  const received = Map.groupBy(entriesOf(history, 'TOLD'), ({ subscriber }) => subscriber);
  const began = Map.groupBy(entriesOf(history, 'SUBSCRIBED'), ({ subscriber }) => subscriber);
  const stored = new Map(history.events.map((event) => [event.position, event]));
  return [...began].flatMap(([subscriber, [first]]) => {
    const findings: Finding[] = [];
    const find = (rule: Finding['rule'], what: string) =>
      findings.push({ rule, what: `subscriber ${subscriber}: ${what}` });
    let position = first?.after ?? 0;
    for (const event of received.get(subscriber) ?? []) {
      if (event.position <= position) find('EVENT_REPEATED', `${event.position} after ${position}`);
      if (event.position > position + 1) find('EVENT_MISSED', `${event.position} after ${position}`);
      if (!isSame(event, stored.get(event.position))) find('EVENT_ALTERED', `${event.position} ${event.type}`);
      position = Math.max(position, event.position);
    }
    const newest = history.events.at(-1)?.position ?? 0;
    if (position < newest) find('EVENT_MISSED', `nothing from ${position} to ${newest}`);
    return findings;
  });
}

function isSame(event: { readonly id: string; readonly type: string }, stored: StoredEvent | undefined): boolean {
  return stored !== undefined && stored.id === event.id && stored.type === event.type;
}
