import type { EventType } from '../../src/domain/event.ts';
import type { EventBase, EventDraft } from '../../src/domain/event-detail.ts';

/** An event with any data, for tests that compare the data and not its fields. */
export interface UntypedDraft extends EventBase {
  readonly type: EventType;
  readonly data?: object;
}

/** Returns the draft of an event whose data need not have the fields of its type. */
export function untypedDraft(draft: UntypedDraft): EventDraft {
  return { data: {}, ...draft } as unknown as EventDraft;
}
