import { isFailure } from '../../domain/failure.ts';
import { issueKey } from '../../keys/issue.ts';
import type { KeyIssuance } from '../../keys/create-key.ts';
import { recordCallerUse } from '../../keys/record-caller-use.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { requestedLifeOf, checkIdempotencyKey, ScopeInputRef } from '../common-inputs.ts';
import { defineSecretSuccess } from './key-success.ts';
import { LabelInputRef } from './key-filter.ts';

const IssueKeyInputRef = builder.inputType('IssueKeyInput', {
  description: 'What the new key may do, who owns it and how long it lives.',
  fields: (t) => ({
    realm: t.string({ required: true, description: 'Slug of the realm that the key belongs to.' }),
    owner: t.id({
      description:
        'Id of the account or organization that owns the key. Default: the caller, or the owner of the calling key.',
    }),
    name: t.string({ required: true, description: 'Name of the key for people: 1 to 100 characters.' }),
    scopes: t.field({
      type: [ScopeInputRef],
      required: true,
      description: 'What the key may do: 1 to 100 scopes.',
    }),
    labels: t.field({ type: [LabelInputRef], description: 'At most 50 labels, each with its own name.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When the key expires. Give expiresAt or lifetime; neither: as the policies of the realm have it.',
    }),
    lifetime: t.field({
      type: 'Duration',
      description: 'How long the key lives, counted from now. Instead of expiresAt.',
    }),
    publicKey: t.string(),
    idempotencyKey: t.string(),
  }),
});

const IssueKeyResult = resultType(
  'IssueKey',
  defineSecretSuccess<KeyIssuance>('IssueKey', 'The new key and its secret.'),
  [
    'RealmNotFound',
    'OwnerNotFound',
    'OwnerNotActive',
    'ScopeNotAllowed',
    'ExpiryOutOfBounds',
    'PublicKeyInvalid',
    'IdempotencyConflict',
  ],
);

builder.mutationField('issueKey', (t) =>
  t.field({
    type: IssueKeyResult,
    description: 'Issues a key and shows its secret, once.',
    args: { input: t.arg({ type: IssueKeyInputRef, required: true }) },
    resolve: async (_root, { input }, { services, caller }) => {
      const { expiresAt, lifetime, idempotencyKey, labels, owner, publicKey, ...rest } = input;
      const issued = await issueKey(services, caller, {
        ...rest,
        ...checkIdempotencyKey(idempotencyKey),
        ask: requestedLifeOf({ expiresAt, lifetime }),
        labels: labels ?? [],
        owner: owner ?? null,
        publicKey: publicKey ?? null,
      });
      if (caller.kind === 'KEY' && !isFailure(issued)) recordCallerUse(services.uses, caller, services.clock.now());
      return issued;
    },
  }),
);
