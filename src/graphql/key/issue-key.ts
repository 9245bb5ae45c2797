import type { Caller } from '../../domain/caller.ts';
import { isFailure } from '../../domain/failure.ts';
import { issueKey, type IssueKeyInput } from '../../keys/issue.ts';
import { recordCallerUse } from '../../keys/record-caller-use.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import type { Services } from '../context.ts';
import { mutation } from '../mutation.ts';
import { secretFields, warningFields } from './key-success.ts';
import { newKeyFields, toNewKey } from './new-key-input.ts';

mutation('issueKey', {
  description: 'Issues a key and shows its secret, once.',
  input: {
    description: 'What the new key may do, who owns it and how long it lives.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'Slug of the realm that the key belongs to.' }),
      ...newKeyFields(t),
    }),
  },
  useCase: issueAndRecordUse,
  toInput: ({ realm, ...key }) => ({ realm, ...toNewKey(key) }),
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
