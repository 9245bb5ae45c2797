import { updateKey } from '../../keys/update.ts';
import { ScopeInputRef } from '../common-inputs.ts';
import { mutation } from '../mutation.ts';
import { LabelInputRef } from './key-filter.ts';
import { allowedAddressesText, keyFields, warningFields } from './key-success.ts';
import { noteFields, toNotes } from './note-fields.ts';

mutation('updateKey', {
  description:
    'Changes the name, description, metadata, labels and allowed addresses of a key, narrows its scopes, or moves its expiry earlier.',
  input: {
    description: 'What to change. A field that is left out stays as it is.',
    fields: (t) => ({
      keyId: t.id({ required: true, description: 'The key to change.' }),
      name: t.string({ description: 'Name of the key for people: 1 to 100 characters.' }),
      labels: t.field({
        type: [LabelInputRef],
        description:
          'All labels of the key from now on: they replace the present ones. Labels under policy/ stay as they are unless the caller is an administrator. At most 50. To change some labels, use setLabels and removeLabels.',
      }),
      setLabels: t.field({
        type: [LabelInputRef],
        description:
          'Labels to add or to change by name; all others stay. A key has at most 50. Only an administrator can set labels under policy/. The input must not contain both setLabels and the field labels.',
      }),
      removeLabels: t.stringList({
        description:
          'Names of labels to remove; all others stay. A name that the key does not have changes nothing. Only an administrator can remove labels under policy/. The input must not contain both removeLabels and the field labels.',
      }),
      scopes: t.field({
        type: [ScopeInputRef],
        description: 'All scopes of the key from now on. Each must lie within the present scopes.',
      }),
      expiresAt: t.field({ type: 'DateTime', description: 'A new expiry, no later than the present one.' }),
      ...noteFields(t, ' Null removes it.'),
      allowedAddresses: t.stringList({
        description: `All of them from now on. ${allowedAddressesText} Null, or an empty list, removes them.`,
      }),
    }),
  },
  useCase: updateKey,
  toInput: ({
    keyId,
    name,
    labels,
    setLabels,
    removeLabels,
    scopes,
    expiresAt,
    description,
    metadata,
    allowedAddresses,
  }) => ({
    keyId,
    allowedAddresses: allowedAddresses === undefined ? null : (allowedAddresses ?? []),
    ...toNotes({ description, metadata }),
    name: name ?? null,
    labels: labels ?? null,
    setLabels: setLabels ?? null,
    removeLabels: removeLabels ?? null,
    scopes: scopes ?? null,
    expiresAt: expiresAt ?? null,
  }),
  failures: ['KeyNotFound', 'KeyNotActive', 'ScopeNotAllowed', 'ExpiryOutOfBounds'],
  success: { description: 'The key is changed.', fields: (t) => ({ ...keyFields(t), ...warningFields(t) }) },
});
