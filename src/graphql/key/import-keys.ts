import type { InputFieldBuilder, InputShapeFromFields } from '@pothos/core';
import { importKeys, type ImportedRow } from '../../keys/import/import-keys.ts';
import type { ImportedKeyInput, UnreadableRow } from '../../keys/import/import-row.ts';
import type { RefusedRow } from '../../keys/import/refused-row.ts';
import { RequestError } from '../../domain/request-error.ts';
import { builder, type Types } from '../builder.ts';
import { ScopeInputRef } from '../common-inputs.ts';
import { StopBasisEnum } from '../enums.ts';
import { mutation } from '../mutation.ts';
import { LabelInputRef } from './key-filter.ts';
import { allowedAddressesText } from './key-success.ts';
import { noteFields, toNotes } from './note-fields.ts';
import { OwnerInputRef, readOwner } from '../subject/subject-input.ts';

const ImportedKeyStateEnum = builder.enumType('ImportedKeyState', {
  description: 'The state of a key in the system from which it is imported.',
  values: {
    ACTIVE: { description: 'The key works.' },
    HELD: { description: 'The key is suspended. An administrator can resume it.' },
    REVOKED: { description: 'The key has ended for good. It is imported so that its secret is refused with a reason.' },
  } as const,
});

/** Returns the input fields of a key of another system. */
function importedKeyFields(t: InputFieldBuilder<Types, 'InputObject'>) {
  return {
    digest: t.string({
      required: true,
      description:
        'SHA-256 of the whole secret, as hex, base64 or base64url. Or a salted digest (bcrypt, argon2, PBKDF2), which is not stored: it announces a key that adoptKey gives its secret; it needs externalKeyId. The secret itself is never sent.',
    }),
    start: t.string({ description: 'The first characters of the secret, by which people recognize it: at most 24.' }),
    name: t.string({ required: true, description: 'Name of the key for people: 1 to 100 characters.' }),
    scopes: t.field({
      type: [ScopeInputRef],
      required: true,
      description: 'What the key may do: 1 to 100 scopes, with actions of the realm’s catalogue.',
    }),
    owner: t.id({ description: 'Id of the account, organization or subject that owns the key.' }),
    ownerOf: t.field({
      type: OwnerInputRef,
      description: 'The owner of the key, instead of `owner`: an id, or a subject, which is made with its first key.',
    }),
    state: t.field({ type: ImportedKeyStateEnum, description: 'Default: ACTIVE.' }),
    stateReason: t.string({ description: 'Why the key is HELD or REVOKED: 1 to 500 characters. Required for these.' }),
    randomBits: t.int({
      description:
        'How many bits of the secret are random. Default: what the realm says of its foreign secrets. Fewer are refused.',
    }),
    labels: t.field({ type: [LabelInputRef], description: 'At most 50 labels, each with its own name.' }),
    ...noteFields(t),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the key was issued. Default: when it was last used, or now.',
    }),
    lastUsedAt: t.field({
      type: 'DateTime',
      description: 'When the key was last used. Without it the key counts as active as of its import.',
    }),
    notBefore: t.field({
      type: 'DateTime',
      description: 'From when on the key is valid: at most 365 days ahead. Default: from its import on.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description:
        'When the key expires: in the future, and no later than policies allow for a new key. Without it they decide the expiry.',
    }),
    allowedAddresses: t.stringList({ description: allowedAddressesText }),
    source: t.string({ description: 'The system that the key comes from: at most 100 characters.' }),
    externalKeyId: t.string({
      description:
        'The id of the key there: at most 255 characters. A row with the same source, id and values was imported before and is unchanged.',
    }),
  };
}

const ImportedKeyInputRef = builder.inputType('ImportedKeyInput', {
  description: 'A key of another system, with the digest of its secret.',
  fields: importedKeyFields,
});

const RampInputRef = builder.inputType('RampInput', {
  description: 'How policies begin to stop imported keys. Their first stops are announced on each key.',
  fields: (t) => ({
    bindFrom: t.field({
      type: 'DateTime',
      required: true,
      description: 'Until then no policy stops an imported key: at most P365D ahead.',
    }),
    spreadOver: t.field({
      type: 'Duration',
      required: true,
      description: 'The time from then on over which the first stops are spread: at most P365D.',
    }),
  }),
});

const ImportedRowRef = builder.objectRef<ImportedRow>('ImportedRow').implement({
  description: 'A row of an import that was not refused. In a dry run: what would become of it.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'The index of the row in the input, from 0.' }),
    keyId: t.id({
      nullable: true,
      description: 'The key. Null: a dry run, and the key does not exist yet.',
      resolve: ({ keyId }) => keyId,
    }),
    unchanged: t.boolean({
      description: 'Whether the same row was imported before, so that nothing changes.',
      resolve: ({ isUnchanged }) => isUnchanged,
    }),
    announced: t.boolean({
      description: 'Whether the row has a salted digest, so that the key has no secret until adoptKey gives it one.',
      resolve: ({ isAnnounced }) => isAnnounced,
    }),
    stopsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the key stops by itself. Null: never, or it is revoked.',
      resolve: ({ stopsAt }) => stopsAt,
    }),
    stopsBasis: t.field({
      type: StopBasisEnum,
      nullable: true,
      description: 'Whether time alone decides the stop, or a use moves it. Null: there is no stop.',
      resolve: ({ stopsBasis }) => stopsBasis,
    }),
    bindsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until then no policy stops the key. Null: the import had no ramp.',
      resolve: ({ bindsAt }) => bindsAt,
    }),
  }),
});

const RefusedRowRef = builder.objectRef<RefusedRow>('RefusedRow').implement({
  description: 'A row of an import that was refused. It changed nothing, and stopped no other row.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'The index of the row in the input, from 0.' }),
    code: t.exposeString('code', {
      description:
        'Stable code for programs: BAD_USER_INPUT; KEY_EXISTS for a digest or an id that another row or key has; FOREIGN_SECRETS_NOT_ACCEPTED; or the code of a failure of issueKey, such as SCOPE_NOT_ALLOWED.',
    }),
    message: t.exposeString('message', {
      description: 'For people: what was found, what was expected, and what to do.',
    }),
  }),
});

mutation('importKeys', {
  description:
    'Imports up to 1,000 keys of another system by the digests of their secrets. Rows that are valid are imported together; rows that are refused are listed and stop nothing. Only administrators, as signed-in persons.',
  input: {
    description: 'The keys to import into a realm. Send the list as a variable.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'Slug of the realm that the keys will belong to.' }),
      keys: t.field({ type: [ImportedKeyInputRef], required: true, description: 'The keys: 1 to 1,000.' }),
      ramp: t.field({
        type: RampInputRef,
        description: 'When policies begin to stop the keys. Default: after the notice period of each policy.',
      }),
      dryRun: t.boolean({ description: 'Whether to return what would become of each row, and import nothing.' }),
    }),
  },
  useCase: importKeys,
  toInput: ({ realm, keys, ramp, dryRun }) => ({
    realm,
    keys: keys.map(readRow),
    ramp: ramp == null ? null : { bindFrom: ramp.bindFrom, spreadOverMs: ramp.spreadOver },
    dryRun: dryRun ?? false,
  }),
  failures: ['RealmNotFound'],
  success: {
    description: 'What became of each row.',
    fields: (t) => ({
      keys: t.prismaField({
        type: ['Key'],
        description: 'The keys that were imported, now or before, in the order of their rows. Empty after a dry run.',
        resolve: async (query, { rows }, _args, { services }) => {
          const ids = rows.flatMap(({ keyId }) => keyId ?? []);
          const found = await services.prisma.key.findMany({ ...query, where: { id: { in: ids } } });
          const keys = new Map(found.map((key) => [key.id, key]));
          return ids.flatMap((id) => keys.get(id) ?? []);
        },
      }),
      rows: t.field({
        type: [ImportedRowRef],
        description: 'The rows that were not refused, in the order of the input.',
        resolve: ({ rows }) => [...rows],
      }),
      refused: t.field({
        type: [RefusedRowRef],
        description: 'The rows that were refused, in the order of the input.',
        resolve: ({ refused }) => [...refused],
      }),
    }),
  },
});

type ImportedKeyFields = InputShapeFromFields<ReturnType<typeof importedKeyFields>>;

/** Translates a row. A row that cannot be read is refused alone: the others are imported. */
function readRow(key: ImportedKeyFields): ImportedKeyInput | UnreadableRow {
  try {
    return toImportedKey(key);
  } catch (error) {
    if (error instanceof RequestError && error.code === 'BAD_USER_INPUT') return { problem: error.message };
    throw error;
  }
}

function toImportedKey(key: ImportedKeyFields): ImportedKeyInput {
  return {
    digest: key.digest,
    name: key.name,
    scopes: key.scopes,
    start: key.start ?? null,
    ...readOwner(key.owner, key.ownerOf),
    state: key.state ?? 'ACTIVE',
    stateReason: key.stateReason ?? null,
    randomBits: key.randomBits ?? null,
    labels: key.labels ?? [],
    ...toNotes({ description: key.description, metadata: key.metadata }),
    createdAt: key.createdAt ?? null,
    lastUsedAt: key.lastUsedAt ?? null,
    notBefore: key.notBefore ?? null,
    expiresAt: key.expiresAt ?? null,
    allowedAddresses: key.allowedAddresses ?? [],
    source: key.source ?? null,
    externalKeyId: key.externalKeyId ?? null,
  };
}
