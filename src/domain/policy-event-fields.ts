import { always, listOf, nullable, optional, recorded } from './event-field.ts';
import { beforeAndAfter, bindingMode, changed, changedType } from './shared-event-fields.ts';

const bindingId = always('id', 'The binding of the policy.');
const brakeId = always('id', 'The brake that the event is about.');
const policy = always('text', 'The name of the policy module.');
const hash = always('text', 'The version of the module: the SHA-256 of its files.');

/** The binding that an event is about, and its revision. */
const revision = { bindingId, policy, hash, revision: always('integer', 'The revision of the binding, from 1.') };

const changedBinding = changedType('Binding', 'a binding', {
  hash: optional('text', 'The version of the module: the SHA-256 of its files.'),
  mode: optional(bindingMode, 'Whether the verdicts apply.'),
  config: optional('json', 'The configuration of the policy.'),
  selector: optional('json', 'The keys to which the policy applies. Null: all keys of the realm.'),
  noticePeriod: optional('duration', 'How far ahead the binding announces a stop that it moves earlier.'),
});

const realmKeyCount = always(
  'integer',
  'How many keys of the realm are reviewed, whether the binding selects them or not.',
);

/** The fields of an event about a new or changed binding. */
const binding = {
  ...revision,
  mode: recorded(bindingMode, 'Whether the verdicts apply.'),
  effectiveAt: optional('instant', 'When the binding takes effect. Null: at the time of the event.'),
  keyCount: realmKeyCount,
  withoutNoticeReason: optional(
    'text',
    'Why the notice period is shorter than the realm requires. Null: it is not shorter.',
  ),
};

const change = {
  changed: optional(listOf('text'), 'The names of the fields that the change set. Null: the binding is new.'),
  before: optional(changedBinding, 'The changed fields before the change. Null: the binding is new.'),
  after: optional(changedBinding, 'The changed fields after the change. Null: the binding is new.'),
};

/** The fields of `data` of the events of bindings and brakes. */
export const policyEventFields = {
  POLICY_ANNOUNCED: { ...binding, ...change },
  POLICY_BOUND: binding,
  POLICY_CHANGED: {
    ...binding,
    changed,
    ...beforeAndAfter(changedBinding),
  },
  POLICY_APPLIED: {
    ...revision,
    keyCount: realmKeyCount,
    silentCount: always('integer', 'For how many keys the module gave no verdict.'),
  },
  POLICY_UNBOUND: {
    ...revision,
    wasInForce: always('boolean', 'Whether the removed revision had taken effect.'),
    revisionInForce: nullable('integer', 'The revision that stays in force. Null: the binding was removed.'),
  },
  POLICY_BROKEN: {
    ...revision,
    kind: always('text', 'How the module fails: THROWS, LOOPS, NONSENSE, NOT_DETERMINISTIC, CRASHES or MISSING.'),
    message: always('text', 'The error, as the module or the gateway words it.'),
    keyCount: always('integer', 'For how many keys the module fails.'),
    keyId: always('id', 'One key for which the module fails.'),
  },
  POLICY_MENDED: revision,
  BRAKE_ENGAGED: {
    brakeId,
    ...revision,
    waiting: always('integer', 'How many stops wait behind the brake.'),
  },
  BRAKE_RELEASED: {
    brakeId,
    bindingId,
    waiting: always('integer', 'How many stops waited behind the brake.'),
    allowance: always('integer', 'How many of the waiting stops the administrator released.'),
  },
  BRAKE_CANCELLED: {
    brakeId,
    bindingId,
    dropped: always('integer', 'How many stops were discarded.'),
    isInForce: always(
      'boolean',
      'Whether the revision that engaged the brake was still in force. If so, its binding is now in SHADOW.',
    ),
  },
} as const;
