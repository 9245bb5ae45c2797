import type { Caller } from '../../domain/caller.ts';
import { isFailure } from '../../domain/failure.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { adoptKey, type AdoptKeyInput } from '../../keys/import/adopt-key.ts';
import { recordCallerUse } from '../../keys/record-caller-use.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import { builder } from '../builder.ts';
import type { Services } from '../context.ts';
import { mutation } from '../mutation.ts';
import { keyFields } from './key-success.ts';

const AnnouncedKeyInputRef = builder.inputType('AnnouncedKeyInput', {
  description: 'Names a key that a row of importKeys announced by a salted digest.',
  fields: (t) => ({
    source: t.string({ description: 'The source of the row. Default: a row without a source.' }),
    externalKeyId: t.string({ required: true, description: 'The externalKeyId of the row.' }),
  }),
});

mutation('adoptKey', {
  description:
    'Gives a key that importKeys announced by a salted digest (bcrypt, argon2, PBKDF2) its secret, at the first use of the secret: send it once your own system has checked it against the digest. From then on the secret verifies here. The same secret again changes nothing. It does not count as a use of the key: verify the secret afterwards. Administrators, and keys with keytide:manage for keys of subjects.',
  input: {
    description: 'The secret, and the row of an import that announced its key.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'Slug of the realm of the key.' }),
      secret: t.string({
        required: true,
        description: 'The whole secret, which has the form of the realm’s foreignSecrets. Its digest alone is stored.',
      }),
      key: t.field({ type: AnnouncedKeyInputRef, required: true, description: 'The row of the import.' }),
    }),
  },
  useCase: adoptAndRecordUse,
  toInput: ({ realm, secret, key: { source, externalKeyId } }) => ({
    realm,
    secret: new Sensitive(secret),
    source: source ?? null,
    externalKeyId,
  }),
  failures: ['RealmNotFound', 'KeyNotFound', 'AlreadyAdopted', 'SecretNotAccepted'],
  success: { description: 'The key has its secret.', fields: keyFields },
});

/** Adopts a key. If the caller is a key, records a use of it. */
async function adoptAndRecordUse(services: Services, caller: Caller, input: AdoptKeyInput & IdempotentInput) {
  const adopted = await adoptKey(services, caller, input);
  if (caller.kind === 'KEY' && !isFailure(adopted)) recordCallerUse(services.uses, caller, services.clock.now());
  return adopted;
}
