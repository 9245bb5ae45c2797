import { bad, forbidden, malformed, PREVIEWED, refusals, type Cases, type Refusal, type Stage } from './case.ts';

const notFound: Refusal = [
  'ROLLOUT_NOT_FOUND',
  'There is no rollout with this id that you can see. Query the rollouts of the realm.',
  ['input', 'rolloutId'],
];
const keyNotTouched = (name: string): Refusal => [
  'KEY_NOT_FOUND',
  /^The rollout touches no such key that you manage\. /,
  ['input', name],
];
const answerNotFound = (name: string): Refusal => [
  'ROLLOUT_ANSWER_NOT_FOUND',
  'There is no answer or exception with this id in a realm that you administer. Query the answers and exceptions of the rollout.',
  ['input', name],
];
const mismatch = (found: string): Refusal => ['ROLLOUT_STATE_MISMATCH', found, null];
const administratorsOnly = forbidden('Only administrators can change realms.');

/** The failure of another change of a binding with a rollout. The message names the rollout. */
export const busy: Refusal = [
  'BINDING_BUSY',
  /^The rollout rollout_\w+ \(Owners who go\) changes this binding\. Undo /,
  null,
];

const stages = [
  { kind: 'COMMENT', atLeast: 'P1D' },
  { kind: 'COHORT', atLeast: 'P1D', share: 0.1 },
  { kind: 'ENFORCED', atLeast: 'P1D' },
];
const texts = { title: 'Unused keys', explanation: 'They are a risk.', budget: { owners: 3 } };
const proposed = ({ preview }: Stage, more: object = {}) => ({
  ...PREVIEWED,
  ...texts,
  stages,
  previewToken: preview,
  ...more,
});

/** What is wrong with any rollout that is named. */
const named = (more: Cases[string]): Cases[string] => ({
  'a rollout that is not there': [({ missing }) => ({ rolloutId: missing.rollout }), notFound],
  'a key of another realm': [({ rollout }) => ({ rolloutId: rollout.id }), notFound, 'aKey'],
  'who is not an administrator': [({ rollout }) => ({ rolloutId: rollout.id }), administratorsOnly, 'ann'],
  'an empty reason': [
    ({ rollout }) => ({ rolloutId: rollout.id, reason: '' }),
    bad('reason', 'reason has 0 characters; expected at least 1'),
  ],
  ...more,
});

export const rolloutCases: Cases = {
  proposeRollout: {
    'a realm that is not there': [(stage) => proposed(stage, { realm: 'nowhere' }), refusals.realmNotFound],
    'a module that there is not': [
      (stage) => proposed(stage, { policy: 'never-expires' }),
      [
        'POLICY_NOT_FOUND',
        'There is no module with this name here. Query `policies` for the loaded modules.',
        ['input', 'policy'],
      ],
    ],
    'a configuration that does not fit': [
      (stage) => proposed(stage, { config: { idel: 'P30D' } }),
      [
        'INVALID_POLICY_CONFIG',
        'The configuration does not fit active-never-expires: Unrecognized key: "idel". Change the configuration to match the module’s configSchema.',
        ['input', 'config'],
      ],
    ],
    'a binding that is not there': [
      (stage) => proposed(stage, { policy: null, bindingId: stage.missing.binding }),
      [
        'BINDING_NOT_FOUND',
        'No policy is bound in this realm under this id. Query the realm’s bindings.',
        ['input', 'bindingId'],
      ],
    ],
    'a binding with a rollout': [
      (stage) => proposed(stage, { realm: stage.rollout.realm, policy: null, bindingId: stage.rollout.bindingId }),
      busy,
    ],
    'both a policy and a binding': [
      (stage) => proposed(stage, { bindingId: stage.binding }),
      bad(
        'bindingId',
        'Expected either the policy of a new binding, or the bindingId of a binding to change or remove.',
      ),
    ],
    'the removal of nothing': [
      (stage) => proposed(stage, { remove: true }),
      bad('remove', 'remove: expected the bindingId of a binding.'),
    ],
    'the preview of another change': [
      (stage) => proposed(stage, { config: { idle: 'P100D' } }),
      [
        'PREVIEW_OUTDATED',
        'The preview was of another change. Request the preview again, check it, and retry with its token.',
        ['input', 'previewToken'],
      ],
    ],
    'stages without an end': [
      (stage) => proposed(stage, { stages: stages.slice(0, 2) }),
      bad('stages', 'stages: found COHORT as the last stage; expected ENFORCED.'),
    ],
    'a stage that there is not': [
      (stage) => proposed(stage, { stages: [{ kind: 'CANARY', atLeast: 'P1D' }] }),
      malformed('CANARY'),
    ],
    'less than nothing to break': [
      (stage) => proposed(stage, { budget: { owners: -1 } }),
      bad('budget.owners', 'budget.owners: found -1; expected 0 to 1000000.'),
    ],
    'more than all to break': [
      (stage) => proposed(stage, { budget: { owners: 0, share: 2 } }),
      bad('budget.share', 'budget.share: found 2; expected 0 to 1.'),
    ],
    'a title that is too long': [
      (stage) => proposed(stage, { title: 'x'.repeat(101) }),
      bad('title', 'title has 101 characters; at most 100 are accepted'),
    ],
    'a digest that is none': [
      (stage) => proposed(stage, { sealedDigest: 'secret' }),
      bad('sealedDigest', 'sealedDigest: expected SHA-256 as 64 hexadecimal digits in lower case.'),
    ],
    'who is not an administrator': [(stage) => proposed(stage), administratorsOnly, 'ann'],
  },
  answerRollout: {
    'a rollout that is not there': [({ missing }) => ({ rolloutId: missing.rollout, kind: 'WITHDRAW' }), notFound],
    'an owner whose keys it does not touch': [
      ({ rollout }) => ({ rolloutId: rollout.id, kind: 'WITHDRAW' }),
      keyNotTouched('owner'),
    ],
    'a key that it does not touch': [
      ({ rollout, active }) => ({ rolloutId: rollout.id, kind: 'ENROLL', keyIds: [active.id] }),
      keyNotTouched('keyIds'),
      'olga',
    ],
    'an objection without a text': [
      ({ rollout }) => ({ rolloutId: rollout.id, kind: 'OBJECT' }),
      bad('text', 'text: found none; expected a text, because the kind is OBJECT.'),
    ],
    'a text that is too long': [
      ({ rollout }) => ({ rolloutId: rollout.id, kind: 'COMMENT', text: 'x'.repeat(2_001) }),
      bad('text', 'text has 2001 characters; at most 2000 are accepted'),
    ],
    'a public objection': [
      ({ rollout }) => ({ rolloutId: rollout.id, kind: 'OBJECT', text: 'No!', isPublic: true }),
      bad('isPublic', 'isPublic: found true for OBJECT; only a COMMENT is public.'),
    ],
    'an exception without an end': [
      ({ rollout }) => ({ rolloutId: rollout.id, kind: 'ASK_EXCEPTION', text: 'Time.' }),
      bad('until', 'until: found none; expected when the exception ends.'),
    ],
    'a rollout that has ended': [
      ({ answeredRollout }) => ({ rolloutId: answeredRollout, kind: 'WITHDRAW' }),
      mismatch('The rollout is DONE. It has ended, and takes no more answers.'),
    ],
    'an answer of another kind': [({ rollout }) => ({ rolloutId: rollout.id, kind: 'VOTE' }), malformed('VOTE')],
  },
  decideException: {
    'a rollout that has ended': [
      ({ lateException }) => ({ exceptionId: lateException, grant: true, text: 'Fine.' }),
      mismatch('The rollout is DONE. It has ended: its exceptions are not decided any more.'),
    ],
    'an exception that is not there': [
      () => ({ exceptionId: 'exception_00000000000000000000000000', grant: true, text: 'Fine.' }),
      answerNotFound('exceptionId'),
    ],
    'who is not an administrator': [
      () => ({ exceptionId: 'exception_00000000000000000000000000', grant: true, text: 'Fine.' }),
      answerNotFound('exceptionId'),
      'ann',
    ],
  },
  replyToAnswer: {
    'an answer that is not there': [
      () => ({ answerId: 'answer_00000000000000000000000000', text: 'We see.' }),
      answerNotFound('answerId'),
    ],
    'an empty reply': [
      () => ({ answerId: 'answer_00000000000000000000000000', text: '' }),
      bad('text', 'text has 0 characters; expected at least 1'),
    ],
  },
  advanceRollout: named({
    'one that is paused': [
      ({ rollout }) => ({ rolloutId: rollout.id }),
      mismatch('The rollout is PAUSED. Resume it first.'),
    ],
    'one whose next stage may not begin': [
      ({ earlyRollout }) => ({ rolloutId: earlyRollout }),
      [
        'ROLLOUT_GATE_OPEN',
        'The least time of the present stage is not over. Wait until the gates are closed: query `waitsFor` of the rollout.',
        null,
      ],
    ],
  }),
  pauseRollout: named({
    'one that has ended': [
      ({ endedRollout }) => ({ rolloutId: endedRollout }),
      mismatch('The rollout is DONE. It has ended.'),
    ],
  }),
  resumeRollout: named({
    'one that has ended': [
      ({ endedRollout }) => ({ rolloutId: endedRollout }),
      mismatch('The rollout is DONE. It has ended.'),
    ],
    'one whose keys still return': [
      ({ returningRollout }) => ({ rolloutId: returningRollout }),
      [
        'ROLLOUT_GATE_OPEN',
        'Keys still return from the stage that was undone. Query `progress` of the rollout, and resume it when it is complete (isComplete).',
        null,
      ],
    ],
  }),
  undoRollout: named({
    'one that is done': [
      ({ endedRollout }) => ({ rolloutId: endedRollout }),
      mismatch('The rollout is DONE. The binding has its revision: change the binding, with a preview.'),
    ],
  }),
};
