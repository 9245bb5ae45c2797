import type { EventDraft } from '../domain/event-detail.ts';
import type { EventType } from '../domain/event.ts';
import type { LabelInput } from '../keys/check-labels.ts';
import type { PolicyCore } from '../keys/apply-policies.ts';
import type { Change } from '../log/change.ts';

/** The events of keys whose data names the operation that made the change. */
const namedTypes: ReadonlySet<EventType> = new Set([
  'KEY_UPDATED',
  'KEY_TRANSFERRED',
  'KEY_RENEWED',
  'KEY_HELD',
  'KEY_RESUMED',
  'KEY_REVOKED',
  'KEY_ROTATION_ASKED',
  'KEY_ROTATION_WITHDRAWN',
]);

/**
 * Returns a change that is a step of an operation: the events that an account causes in it name the operation. Also
 * returns the labels that the step has replaced, and who owned the key that it has changed.
 */
export function nameOperation(change: Change<PolicyCore>, operationId: string) {
  let before: readonly LabelInput[] | null = null;
  let ownerId: string | null = null;
  const nameIn = (draft: EventDraft): EventDraft => {
    if (draft.actor.kind !== 'ACCOUNT' || !namedTypes.has(draft.type)) return draft;
    ownerId = draft.type === 'KEY_TRANSFERRED' ? draft.data.from : (draft.ownerId ?? null);
    if (draft.type === 'KEY_UPDATED') before = draft.data.before?.labels ?? null;
    return { ...draft, data: { ...draft.data, operationId } } as EventDraft;
  };
  const named: Change<PolicyCore> = {
    ...change,
    operationId,
    record: (...drafts) => change.record(...drafts.map(nameIn)),
  };
  return { change: named, labelsBefore: () => before, ownerBefore: () => ownerId };
}
