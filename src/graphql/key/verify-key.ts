import { continueWith } from '../../domain/maybe-promise.ts';
import type { FoundKey } from '../../verifier/stored-secret.ts';
import { verifyKey, type Verification } from '../../keys/verify.ts';
import { readVerifyInput } from '../../keys/verify-input.ts';
import { builder } from '../builder.ts';
import { OutcomeEnum } from '../enums.ts';
import { LabelRef, ScopeRef } from './key-parts.ts';
import { VerificationWarningRef } from './verification-warning.ts';

const VerifiedSubjectRef = builder.objectRef<{ readonly externalId: string }>('VerifiedSubject').implement({
  description: 'What a verifier learns about the subject that owns a key.',
  fields: (t) => ({
    externalId: t.exposeString('externalId', {
      description: 'The API’s id for the subject, exactly as the API sent it.',
    }),
  }),
});

const VerifiedKeyRef = builder.objectRef<FoundKey>('VerifiedKey').implement({
  description: 'What a verifier learns about a key.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Id of the key. It stays the same through rotations.' }),
    realm: t.exposeString('realmSlug', { description: 'Slug of the realm that the key belongs to.' }),
    ownerId: t.exposeID('ownerId', {
      description:
        'The account, organization or subject that owns the key. Compare it with the owner of the requested resource.',
    }),
    subject: t.field({
      type: VerifiedSubjectRef,
      nullable: true,
      description: 'The subject that owns the key: a customer of the API. Null: no subject owns it.',
      resolve: ({ externalId }) => (externalId === null ? null : { externalId }),
    }),
    labels: t.field({
      type: [LabelRef],
      description: 'The labels of the key, by name.',
      resolve: ({ labels }) => [...labels],
    }),
    scopes: t.field({
      type: [ScopeRef],
      description: 'What the key may do.',
      resolve: ({ scopes }) => [...scopes],
    }),
  }),
});

const VerificationRef = builder.objectRef<Verification>('Verification').implement({
  description: 'The result of verifying a secret. Every outcome is data, not an error.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: OutcomeEnum, description: 'VALID, or why the secret must be refused.' }),
    key: t.expose('key', {
      type: VerifiedKeyRef,
      nullable: true,
      description: 'The key that the secret belongs to. Null when the outcome is KEY_UNKNOWN.',
    }),
    scopeChecked: t.exposeBoolean('scopeChecked', {
      description:
        'Whether action and resource were given. If they were, VALID also says that a scope of the key covers them.',
    }),
    stopsAt: t.expose('stopsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key will stop by itself. Null: nothing stops it, or the outcome is KEY_UNKNOWN.',
    }),
    renewalDue: t.exposeBoolean('renewalDue', {
      description: 'Whether the key should be renewed now. True only for VALID.',
    }),
    warnings: t.field({
      type: [VerificationWarningRef],
      description:
        'What will stop the key although it works today: announced changes that have not reached it yet. Empty: nothing, or the outcome is not VALID.',
      resolve: ({ warnings }) => [...warnings],
    }),
    brownoutEndsAt: t.expose('brownoutEndsAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the brownout is over at the latest: the key works again then. Null: the outcome is not BROWNOUT.',
    }),
    asOf: t.expose('asOf', {
      type: 'DateTime',
      description:
        'How recent the outcome is: it counts all changes up to this moment, at most 2 seconds ago, or 5 seconds while the database is unavailable.',
    }),
    message: t.exposeString('message', {
      description: 'For the holder of the secret: what the outcome means, and what to do.',
    }),
  }),
});

const VerifyKeyInputRef = builder.inputType('VerifyKeyInput', {
  description: 'A secret, and what it is to be used for.',
  fields: (t) => ({
    secret: t.string({ required: true, description: 'The secret as it was presented to your API.' }),
    action: t.string({
      description:
        'What the secret is used for, for example package:push; at most 64 characters. Give action and resource, or neither.',
    }),
    resource: t.string({ description: 'What the action is done to, not a glob; at most 512 characters.' }),
    consumer: t.string({
      description:
        'Where the secret was seen, such as a repository or a host; at most 200 characters. A rotation needs it to know which consumers use the new secret.',
    }),
    address: t.string({
      description:
        'The IP address of the client that presented the secret to your API, without a port. A key with allowedAddresses is refused without it.',
    }),
  }),
});

builder.mutationField('verifyKey', (t) =>
  t.field({
    type: VerificationRef,
    description:
      'Verifies a secret, and whether its key may do the action on the resource. For administrators, and for keys with the scope keytide:verify in the realm of the key.',
    args: { input: t.arg({ type: VerifyKeyInputRef, required: true }) },
    resolve: (_root, { input: { secret, action, resource, consumer, address } }, { services, caller }) => {
      const texts = {
        action: action ?? null,
        resource: resource ?? null,
        consumer: consumer ?? null,
        address: address ?? null,
      };
      const checked = readVerifyInput(secret, texts, {
        nameOf: (field) => field,
        pathOf: (field) => (field === undefined ? ['input'] : ['input', field]),
      });
      return continueWith(verifyKey(services, caller, checked), (verification) => {
        services.metrics.verifications.inc({ outcome: verification.outcome });
        return verification;
      });
    },
  }),
);
