import { always, recorded } from './event-field.ts';

const start = {
  operationId: recorded('id', 'The operation that the event is about.'),
  kind: always(
    'text',
    'What the operation does to each key: HOLD, RESUME, REVOKE, RENEW, ASK_ROTATION, LABEL or TRANSFER.',
  ),
  total: always('integer', 'How many keys the operation is about.'),
};

const progress = {
  ...start,
  isUndo: always('boolean', 'Whether the operation undoes its change.'),
  done: always('integer', 'How many keys were changed, including those whose change was undone.'),
  failed: always('integer', 'How many keys could not be changed.'),
  skipped: always('integer', 'How many keys were left as they are.'),
  undone: always('integer', 'For how many keys the change was undone.'),
};

/** The fields of `data` of the events of operations. */
export const operationEventFields = {
  OPERATION_PROPOSED: start,
  OPERATION_STARTED: progress,
  OPERATION_PAUSED: progress,
  OPERATION_STOPPED: progress,
  OPERATION_ENDED: progress,
} as const;
