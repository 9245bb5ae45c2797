import { bad, forbidden, malformed, type Cases, type Refusal } from './case.ts';

const hold = { realm: 'default', filter: { neverUsed: true }, change: 'HOLD', reason: 'an incident' };
const persons = forbidden('Only persons may change many keys at once. Sign in first.');
const managers = forbidden(
  'An OWNER or ADMIN of an organization may change many of its keys at once: give the id of the organization in filter.owner. Only administrators of the gateway may change keys of other owners.',
);
const notFound: Refusal = [
  'OPERATION_NOT_FOUND',
  'No operation has this id, or you do not manage it. Check the id, and that you manage the realm or the organization of the operation.',
  ['input', 'operationId'],
];
const mismatch = (found: string): Refusal => ['OPERATION_STATE_MISMATCH', found, null];
const notGiven = (field: string): Refusal => bad(field, `${field}: the change HOLD does not take it.`);

/** What is wrong with any operation that is named. */
const named = (more: Cases[string]): Cases[string] => ({
  'an operation that is not there': [({ missing }) => ({ operationId: missing.operation }), notFound],
  'an operation of others': [({ operation }) => ({ operationId: operation }), notFound, 'ann'],
  'a key that asks': [({ operation }) => ({ operationId: operation }), notFound, 'aKey'],
  'an empty reason': [
    ({ operation }) => ({ operationId: operation, reason: '' }),
    bad('reason', 'reason has 0 characters; expected at least 1'),
  ],
  ...more,
});

export const operationCases: Cases = {
  changeKeys: {
    'a realm that is not there': [
      () => ({ ...hold, realm: 'nowhere', dryRun: true }),
      ['REALM_NOT_FOUND', 'No realm has this slug. Check the realm’s slug.', ['input', 'realm']],
    ],
    'neither a dry run nor a confirmation': [
      () => hold,
      bad('confirmation', 'Expected either dryRun: true, or the confirmation of a dry run.'),
    ],
    'a dry run with a confirmation': [
      () => ({ ...hold, dryRun: true, confirmation: 'x' }),
      bad('confirmation', 'Expected either dryRun: true, or the confirmation of a dry run.'),
    ],
    'a confirmation that was guessed': [
      () => ({ ...hold, confirmation: 'x' }),
      [
        'CONFIRMATION_NOT_VALID',
        'No dry run of yours has this confirmation. Make the dry run again, check it, and confirm it within 15 minutes.',
        ['input', 'confirmation'],
      ],
    ],
    'a key that asks': [() => ({ ...hold, dryRun: true }), persons, 'aKey'],
    'an owner of single keys': [
      ({ olga }) => ({ ...hold, filter: { owner: olga.id }, dryRun: true }),
      managers,
      'olga',
    ],
    'a member of the organization': [
      ({ acme }) => ({ ...hold, filter: { owner: acme }, dryRun: true }),
      managers,
      'mia',
    ],
    'an OWNER who names no owner': [() => ({ ...hold, dryRun: true }), managers, 'ann'],
    'no reason': [
      () => ({ ...hold, reason: '', dryRun: true }),
      bad('reason', 'reason has 0 characters; expected at least 1'),
    ],
    'a change that there is not': [() => ({ ...hold, change: 'DELETE', dryRun: true }), malformed('DELETE')],
    'labels for a hold': [() => ({ ...hold, labels: [{ name: 'a', value: 'b' }], dryRun: true }), notGiven('labels')],
    'an owner for a hold': [({ acme }) => ({ ...hold, owner: acme, dryRun: true }), notGiven('owner')],
    'a lifetime for a hold': [() => ({ ...hold, lifetime: 'P1D', dryRun: true }), notGiven('lifetime')],
    'a transfer to nobody': [
      () => ({ ...hold, change: 'TRANSFER', dryRun: true }),
      bad('owner', 'owner: found nothing; expected the id of the new owner.'),
    ],
    'a label without a change': [
      () => ({ ...hold, change: 'LABEL', labels: [], dryRun: true }),
      bad('labels', 'labels: found no label; expected labels or removeLabels.'),
    ],
  },
  pauseOperation: named({
    'an operation that was stopped': [
      ({ stoppedOperation }) => ({ operationId: stoppedOperation }),
      mismatch('The operation is STOPPED. Only a running operation can be paused.'),
    ],
  }),
  resumeOperation: named({
    'an operation that was stopped': [
      ({ stoppedOperation }) => ({ operationId: stoppedOperation }),
      mismatch('The operation is STOPPED. Only a paused operation can be resumed.'),
    ],
  }),
  stopOperation: named({
    'an operation that was undone': [
      ({ undoneOperation }) => ({ operationId: undoneOperation }),
      mismatch('The operation is UNDONE. It has ended.'),
    ],
  }),
  undoOperation: named({
    'a revocation': [
      ({ revocation }) => ({ operationId: revocation }),
      mismatch('The operation is RUNNING. A REVOKE cannot be undone, only HOLD, LABEL and ASK_ROTATION can.'),
    ],
    'a proposal': [
      ({ proposal }) => ({ operationId: proposal }),
      mismatch('The operation is AWAITING_APPROVAL. It has not changed any key. Stop it.'),
    ],
  }),
  approveOperation: named({
    'an operation that runs': [
      ({ operation }) => ({ operationId: operation }),
      mismatch('The operation is RUNNING. It does not wait for an approval.'),
    ],
    'a proposal of one’s own': [
      ({ ownProposal }) => ({ operationId: ownProposal }),
      forbidden('You proposed this operation. Another person who manages these keys must approve it.'),
    ],
  }),
};
