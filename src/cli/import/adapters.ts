import type { SourceValue } from './source-row.ts';

type Values = Readonly<Record<string, SourceValue>>;

/** Translates a row of an export into fields of `ImportedKeyInput`. Fields that a row lacks are absent. */
export type Adapter = (values: Values) => Readonly<Record<string, SourceValue>>;

/** The exports that are understood without a mapping of columns. */
export const adapters = {
  /** Keys of Unkey: `hash` is SHA-256 in base64, instants are milliseconds. */
  unkey: (row) => ({
    digest: row['hash'],
    start: row['start'],
    name: row['name'] ?? row['id'] ?? row['keyId'],
    owner: row['ownerId'] ?? row['externalId'] ?? row['identityId'],
    scopes: row['permissions'],
    ...stateOf(row['enabled'], row['deletedAt'] ?? row['deletedAtM']),
    createdAt: row['createdAt'] ?? row['createdAtM'],
    lastUsedAt: row['lastUsedAt'],
    expiresAt: row['expires'] ?? row['expiresAt'],
    source: 'unkey',
    externalKeyId: row['id'] ?? row['keyId'],
  }),
  /** The table `apikey` of better-auth: `key` is SHA-256 in base64url without padding. */
  'better-auth': (row) => ({
    digest: row['key'],
    start: row['start'] ?? row['prefix'],
    name: row['name'] ?? row['id'],
    owner: row['referenceId'] ?? row['userId'],
    scopes: row['permissions'],
    ...stateOf(row['enabled'], null),
    createdAt: row['createdAt'],
    lastUsedAt: row['lastRequest'],
    expiresAt: row['expiresAt'],
    source: 'better-auth',
    externalKeyId: row['id'],
  }),
  /** Credentials of a NuGet-like registry: `Value` is a digest in hex, scopes are `AllowedAction` and `Subject`. */
  nuget: (row) => ({
    digest: row['Value'],
    start: row['Start'] ?? row['Prefix'],
    name: row['Description'] ?? row['Key'],
    owner: row['Owner'] ?? row['UserKey'] ?? row['User'],
    scopes: isGiven(row['AllowedAction'])
      ? `${String(row['AllowedAction'])}=${String(row['Subject'] ?? '**')}`
      : undefined,
    ...(isGiven(row['Revoked']) && isTrue(row['Revoked'])
      ? { state: 'REVOKED', stateReason: 'It was revoked before the import.' }
      : {}),
    createdAt: row['Created'],
    lastUsedAt: row['LastUsed'],
    expiresAt: row['Expires'],
    source: 'nuget',
    externalKeyId: row['Key'],
  }),
} as const satisfies Record<string, Adapter>;

export type AdapterName = keyof typeof adapters;

function stateOf(enabled: SourceValue, deletedAt: SourceValue) {
  if (isGiven(deletedAt)) return { state: 'REVOKED', stateReason: 'It was deleted before the import.' };
  if (isGiven(enabled) && !isTrue(enabled)) return { state: 'HELD', stateReason: 'It was disabled before the import.' };
  return {};
}

/** Whether a row has a value: CSV has an empty text for none. */
export function isGiven(value: SourceValue): boolean {
  return value !== undefined && value !== null && value !== '';
}

function isTrue(value: SourceValue): boolean {
  return value === true || value === 1 || /^(true|t|1|yes)$/i.test(String(value));
}
