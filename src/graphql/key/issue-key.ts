import type { Caller } from '../../domain/caller.ts';
import { isFailure } from '../../domain/failure.ts';
import { issueKey, type IssueKeyInput } from '../../keys/issue.ts';
import { recordCallerUse } from '../../keys/record-caller-use.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import { requestedLifeOf, ScopeInputRef } from '../common-inputs.ts';
import type { Services } from '../context.ts';
import { mutation } from '../mutation.ts';
import { OwnerInputRef, readOwner } from '../subject/subject-input.ts';
import { LabelInputRef } from './key-filter.ts';
import { allowedAddressesText, secretFields, warningFields } from './key-success.ts';
import { noteFields, toNotes } from './note-fields.ts';

mutation('issueKey', {
  description: 'Issues a key and shows its secret, once.',
  input: {
    description: 'What the new key may do, who owns it and how long it lives.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'Slug of the realm that the key belongs to.' }),
      owner: t.id({
        description:
          'Id of the account, organization or subject that owns the key. Default: the caller, or the owner of the calling key.',
      }),
      ownerOf: t.field({
        type: OwnerInputRef,
        description: 'The owner of the key, instead of `owner`: an id, or a subject, which is made with its first key.',
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
        description:
          'When the key expires. Give expiresAt or lifetime. Without both, the policies of the realm decide the expiry.',
      }),
      lifetime: t.field({
        type: 'Duration',
        description: 'How long the key lives, counted from now or from notBefore. Instead of expiresAt.',
      }),
      ...noteFields(t),
      notBefore: t.field({
        type: 'DateTime',
        description:
          'From when on the key is valid; at most 365 days ahead. Its lifetime, and the time without use that policies accept, count from then. Default: from now on.',
      }),
      allowedAddresses: t.stringList({ description: allowedAddressesText }),
      publicKey: t.string(),
    }),
  },
  useCase: issueAndRecordUse,
  toInput: ({
    expiresAt,
    lifetime,
    labels,
    owner,
    ownerOf,
    publicKey,
    description,
    metadata,
    notBefore,
    allowedAddresses,
    ...rest
  }) => ({
    ...rest,
    ...toNotes({ description, metadata }),
    ask: requestedLifeOf({ expiresAt, lifetime }),
    labels: labels ?? [],
    notBefore: notBefore ?? null,
    allowedAddresses: allowedAddresses ?? [],
    ...readOwner(owner, ownerOf),
    publicKey: publicKey ?? null,
  }),
  failures: [
    'RealmNotFound',
    'OwnerNotFound',
    'OwnerNotActive',
    'ScopeNotAllowed',
    'ExpiryOutOfBounds',
    'PublicKeyInvalid',
  ],
  success: { description: 'The new key and its secret.', fields: (t) => ({ ...secretFields(t), ...warningFields(t) }) },
});

/** Issues a key. If the caller is a key, records a use of it. */
async function issueAndRecordUse(services: Services, caller: Caller, input: IssueKeyInput & IdempotentInput) {
  const issued = await issueKey(services, caller, input);
  if (caller.kind === 'KEY' && !isFailure(issued)) recordCallerUse(services.uses, caller, services.clock.now());
  return issued;
}
