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
  fields: (t) => ({
    realm: t.string({ required: true, description: 'The realm’s slug.' }),
    owner: t.id({ description: 'Left out: the caller, or the owner of the calling key.' }),
    name: t.string({ required: true }),
    scopes: t.field({ type: [ScopeInputRef], required: true }),
    labels: t.field({ type: [LabelInputRef] }),
    expiresAt: t.field({ type: 'DateTime', description: 'At most one of expiresAt and lifetime.' }),
    lifetime: t.field({ type: 'Duration' }),
    publicKey: t.string({
      description: 'A public JWK (OKP X25519 or EC P-256): the secret comes as a JWE only its holder opens.',
    }),
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
    description: 'Makes a key and shows its secret, once.',
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
