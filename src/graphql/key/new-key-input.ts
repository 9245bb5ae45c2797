import type { InputFieldBuilder, InputShapeFromFields } from '@pothos/core';
import type { NewKeyInput } from '../../keys/issue-rows.ts';
import type { Types } from '../builder.ts';
import { requestedLifeOf, ScopeInputRef } from '../common-inputs.ts';
import { OwnerInputRef, readOwner } from '../subject/subject-input.ts';
import { LabelInputRef } from './key-filter.ts';
import { allowedAddressesText } from './key-success.ts';
import { noteFields, toNotes } from './note-fields.ts';

/** Returns the input fields of a key to be issued: of issueKey, and of each row of issueKeys. */
export function newKeyFields(t: InputFieldBuilder<Types, 'InputObject'>) {
  return {
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
  };
}

type NewKeyFields = InputShapeFromFields<ReturnType<typeof newKeyFields>>;

/** Translates the input fields of a key to be issued for the use case. */
export function toNewKey(fields: NewKeyFields): NewKeyInput {
  const {
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
  } = fields;
  return {
    ...rest,
    ...toNotes({ description, metadata }),
    ask: requestedLifeOf({ expiresAt, lifetime }),
    labels: labels ?? [],
    notBefore: notBefore ?? null,
    allowedAddresses: allowedAddresses ?? [],
    ...readOwner(owner, ownerOf),
    publicKey: publicKey ?? null,
  };
}
