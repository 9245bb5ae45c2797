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
    name: firstGiven(row, 'name', 'id', 'keyId'),
    owner: firstGiven(row, 'ownerId', 'externalId', 'identityId'),
    scopes: row['permissions'],
    ...stateOf(row['enabled'], firstGiven(row, 'deletedAt', 'deletedAtM')),
    createdAt: firstGiven(row, 'createdAt', 'createdAtM'),
    lastUsedAt: row['lastUsedAt'],
    expiresAt: firstGiven(row, 'expires', 'expiresAt'),
    source: 'unkey',
    externalKeyId: firstGiven(row, 'id', 'keyId'),
  }),
  /** The table `apikey` of better-auth: `key` is SHA-256 in base64url without padding. */
  'better-auth': (row) => ({
    digest: row['key'],
    start: firstGiven(row, 'start', 'prefix'),
    name: firstGiven(row, 'name', 'id'),
    owner: firstGiven(row, 'referenceId', 'userId'),
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
    start: firstGiven(row, 'Start', 'Prefix'),
    name: firstGiven(row, 'Description', 'Key'),
    owner: firstGiven(row, 'Owner', 'UserKey', 'User'),
    scopes: isGiven(row['AllowedAction'])
      ? `${String(row['AllowedAction'])}=${String(isGiven(row['Subject']) ? row['Subject'] : '**')}`
      : undefined,
    ...(isGiven(row['Revoked']) && !isFalse(row['Revoked'])
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

/** Returns the first of some columns that a row has a value for. */
function firstGiven(row: Values, ...names: readonly string[]): SourceValue {
  return row[names.find((name) => isGiven(row[name])) ?? ''];
}

/** Whether a value says no. Any other value of a column such as `Revoked`, for example a date, says yes. */
function isFalse(value: SourceValue): boolean {
  return value === false || value === 0 || /^(false|f|0|no|n)$/i.test(String(value));
}

function isTrue(value: SourceValue): boolean {
  return value === true || value === 1 || /^(true|t|1|yes)$/i.test(String(value));
}
