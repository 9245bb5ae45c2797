import type { Finding } from './finding.ts';
import { entriesOf, type History, type StoredEvent } from './history.ts';

/**
 * What was acknowledged has its one event, and what clients changed was acknowledged: key by key and in the order in which
 * it was asked for, as each key has one writer, who sends a request until it is answered.
 */
export function checkChanges(history: History): Finding[] {
  const requested = Map.groupBy(entriesOf(history, 'CHANGED'), ({ keyId }) => keyId);
  const recorded = Map.groupBy(
    history.events.filter((event) => isOfClient(event) && event.position > history.since),
    ({ keyId }) => keyId ?? '',
  );
  const findings: Finding[] = entriesOf(history, 'FAILED').map(({ mutation, code }) => ({
    rule: 'CHANGE_FAILED',
    what: `${mutation} was answered with ${code}`,
  }));
  for (const keyId of new Set([...requested.keys(), ...recorded.keys()])) {
    const wanted = (requested.get(keyId) ?? []).map(({ event }) => event as string);
    const found = (recorded.get(keyId) ?? []).map(({ type }) => type);
    const what = `${keyId}: acknowledged ${wanted.join(' ')}; recorded ${found.join(' ')}`;
    const isMissing = without(wanted, found).length > 0;
    if (isMissing) findings.push({ rule: 'CHANGE_WITHOUT_EVENT', what });
    if (without(found, wanted).length > 0) findings.push({ rule: 'CHANGED_TWICE', what });
    else if (!isMissing && wanted.join() !== found.join()) findings.push({ rule: 'EVENT_ALTERED', what });
  }
  return findings;
}

/** What became of a key because somebody asked for it, or reported it. */
function isOfClient({ keyId, actorKind, data }: StoredEvent): boolean {
  return keyId !== null && (actorKind === 'ACCOUNT' || data['source'] === 'LEAK');
}

/** What is left of a list when each of some has taken away one that is like it. */
function without(all: readonly string[], some: readonly string[]): string[] {
  const left = [...all];
  for (const one of some) {
    const index = left.indexOf(one);
    if (index >= 0) left.splice(index, 1);
  }
  return left;
}
