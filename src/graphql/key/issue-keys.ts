import { queryFromInfo } from '@pothos/plugin-prisma';
import type { Key } from '../../../prisma/generated/client/client.ts';
import type { Caller } from '../../domain/caller.ts';
import { isFailure } from '../../domain/failure.ts';
import { issueKeys, type IssueKeysInput } from '../../keys/issue-many.ts';
import { checkRow } from '../../keys/row-place.ts';
import { recordCallerUse } from '../../keys/record-caller-use.ts';
import type { Delivery } from '../../log/idempotency.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import { builder } from '../builder.ts';
import type { Services } from '../context.ts';
import { mutation } from '../mutation.ts';
import { newKeyFields, toNewKey } from './new-key-input.ts';

const IssuedKeyInputRef = builder.inputType('IssuedKeyInput', {
  description: 'One of the keys that issueKeys issues: what it may do, who owns it and how long it lives.',
  fields: newKeyFields,
});

interface IssuedKey {
  readonly key: Key;
  readonly delivery: Delivery;
}

const IssuedKeyRef = builder.objectRef<IssuedKey>('IssuedKey').implement({
  description: 'A key that was issued together with others, and its secret.',
  fields: (t) => ({
    key: t.prismaField({ type: 'Key', description: 'The new key.', resolve: (_query, { key }) => key }),
    secret: t.string({
      nullable: true,
      description:
        'The secret of the key, or with a publicKey a compact JWE of it. Shown once, to this caller only. Null if it can no longer be shown (secretUnavailable).',
      resolve: ({ delivery: { text } }) => text?.reveal() ?? null,
    }),
    secretUnavailable: t.boolean({
      description:
        'Whether this repeats an earlier response under the same idempotencyKey and this secret can no longer be shown: it has been used, or is more than 24 hours old.',
      resolve: ({ delivery: { text } }) => text === null,
    }),
  }),
});

mutation('issueKeys', {
  description:
    'Issues up to 1,000 keys in one transaction and shows their secrets, once. Either all keys are issued or none: a failure names the row that caused it.',
  input: {
    description: 'The keys to issue in a realm. Send the list as a variable.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'Slug of the realm that the keys belong to.' }),
      keys: t.field({
        type: [IssuedKeyInputRef],
        required: true,
        description: 'The keys: 1 to 1,000.',
      }),
    }),
  },
  useCase: issueManyAndRecordUse,
  toInput: ({ realm, keys }) => ({ realm, keys: keys.map((key, index) => checkRow(index, () => toNewKey(key))) }),
  failures: [
    'RealmNotFound',
    'OwnerNotFound',
    'OwnerNotActive',
    'ScopeNotAllowed',
    'ExpiryOutOfBounds',
    'PublicKeyInvalid',
  ],
  success: {
    description: 'The new keys and their secrets.',
    fields: (t) => ({
      keys: t.field({
        type: [IssuedKeyRef],
        description: 'The new keys with their secrets, in the order of the input.',
        resolve: async ({ keyIds, deliveries }, _args, context, info): Promise<IssuedKey[]> => {
          const query = queryFromInfo({ context, info, path: ['key'] }) as object;
          const found = await context.services.prisma.key.findMany({ ...query, where: { id: { in: [...keyIds] } } });
          const keys = new Map(found.map((key) => [key.id, key]));
          return keyIds.map((id, index) => ({ key: keys.get(id) as Key, delivery: deliveries[index] as Delivery }));
        },
      }),
    }),
  },
});

/** Issues keys. If the caller is a key, records a use of it. */
async function issueManyAndRecordUse(services: Services, caller: Caller, input: IssueKeysInput & IdempotentInput) {
  const issued = await issueKeys(services, caller, input);
  if (caller.kind === 'KEY' && !isFailure(issued)) recordCallerUse(services.uses, caller, services.clock.now());
  return issued;
}
