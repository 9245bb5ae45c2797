import { eventTypes } from './event.ts';
import { always, choice, listOf, objectOf, recorded, type Fields, type ObjectOf } from './event-field.ts';
import { outcomes } from './verification.ts';

export const stopBasis = choice('StopBasis', ['HARD', 'BY_USE']);
export const renewalMode = choice('RenewalMode', ['EXTEND', 'ROTATE']);
export const role = choice('Role', ['OWNER', 'ADMIN', 'MEMBER']);
export const bindingMode = choice('BindingMode', ['ENFORCED', 'SHADOW', 'PAUSED']);
export const leakResponse = choice('LeakResponse', ['HOLD', 'REVOKE']);
export const outcome = choice('Outcome', outcomes);
export const eventType = choice('EventType', eventTypes);

export const scope = objectOf('Scope', 'What a key may do: one action on the resources that a glob matches.', {
  action: always('text', 'The action.'),
  resource: always('text', 'A glob of resources.'),
});

export const label = objectOf('Label', 'A name and a value.', {
  name: always('text', 'The name of the label.'),
  value: always('text', 'The value of the label.'),
});

/** The names of the changed fields. */
export const changed = recorded(listOf('text'), 'The names of the fields that the change set.');

/** Returns the type of `before` and `after` for changes of `noun`. All `fields` must have the presence `optional`. */
export function changedType<const F extends Fields>(name: string, noun: string, fields: F) {
  return objectOf(`Changed${name}`, `The changed fields of ${noun}. A field that did not change is null.`, fields);
}

/** Returns the fields `before` and `after`. The event’s field `changed` lists the names of the fields in them. */
export function beforeAndAfter<const F extends Fields>(type: ObjectOf<F>) {
  return {
    before: recorded(type, 'The changed fields before the change.'),
    after: recorded(type, 'The changed fields after the change.'),
  };
}
