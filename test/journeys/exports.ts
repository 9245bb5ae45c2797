import { hash } from 'node:crypto';
import { writeCsv } from '../../src/cli/import/read-csv.ts';
import { DAY_MS } from '../../src/domain/duration.ts';

/** Every so many-th row of an export is broken, in one of four ways in turn. */
const BROKEN_EVERY = 50;

/** What is wrong with a broken row, and the code with which it is refused. */
const brokenWays = [
  { way: 'DIGEST', code: 'BAD_USER_INPUT' },
  { way: 'ACTION', code: 'SCOPE_NOT_ALLOWED' },
  { way: 'MOMENT', code: 'BAD_USER_INPUT' },
  { way: 'TWICE', code: 'KEY_EXISTS' },
] as const;

/** A key of another system, as its export describes it. */
export interface ExportedKey {
  readonly secret: string;
  readonly id: string;
  /** Null: its row is sound. */
  readonly broken: (typeof brokenWays)[number] | null;
  /** What its secret answers after the import. */
  readonly outcome: 'VALID' | 'KEY_HELD' | 'KEY_REVOKED' | 'KEY_UNKNOWN';
  /** Whether it was last used so long ago that policies would end it. */
  readonly isIdle: boolean;
}

/** An export of another system, and how it is imported. */
export interface SystemExport {
  readonly system: 'unkey' | 'better-auth' | 'nuget';
  readonly fileName: string;
  readonly text: string;
  /** Options of `keytide import`. */
  readonly words: readonly string[];
  /** The form of its secrets, as the realm accepts it. */
  readonly foreignSecrets: { readonly pattern: string; readonly randomBits: number };
  readonly keys: readonly ExportedKey[];
}

interface ExportOptions {
  readonly count: number;
  readonly ownerId: string;
  readonly now: Date;
}

/** Fills a row, so that few rows are more than one request takes. */
const NOTES = 'of the system that it comes from. '.repeat(110);

const PUSH = 'package:push';
const UNKNOWN_ACTION = 'image:pull';

/** An export of Unkey: NDJSON, digests in base64, instants in ms. The secrets have 128 random bits. */
export function exportUnkey({ count, ownerId, now }: ExportOptions): SystemExport {
  const keys = makeKeys(count, (digits) => `uk_${digits.slice(0, 32)}`);
  const lines = keys.map((key, index) => ({
    id: key.id,
    hash: digestOf(keys, index, 'base64'),
    start: key.secret.slice(0, 7),
    name: `unkey ${index}`,
    ownerId,
    enabled: key.outcome !== 'KEY_HELD',
    ...(key.outcome === 'KEY_REVOKED' && { deletedAtM: now.getTime() - DAY_MS }),
    permissions: [isBroken(key, 'ACTION') ? UNKNOWN_ACTION : `${PUSH}=Acme.${index}`],
    meta: { notes: NOTES },
    ...momentsOf(key, now, (ms) => ms),
  }));
  return {
    system: 'unkey',
    fileName: 'unkey.ndjson',
    text: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    words: ['--from', 'unkey', '--map', 'meta=metadata'],
    foreignSecrets: { pattern: 'uk_[0-9a-f]{32}', randomBits: 128 },
    keys,
  };
}

/** An export of better-auth: CSV, digests in base64url. The secrets are letters alone. */
export function exportBetterAuth({ count, ownerId, now }: ExportOptions): SystemExport {
  const letters = (digits: string) => digits.replaceAll(/[0-9]/g, (digit) => 'ghijklmnop'.charAt(Number(digit)));
  // A key that was deleted is not in the table.
  const keys = makeKeys(count, letters).map((key) =>
    key.outcome === 'KEY_REVOKED' ? ({ ...key, outcome: 'VALID' } as const) : key,
  );
  const rows = keys.map((key, index) => {
    const { createdAt, lastUsedAt } = momentsOf(key, now, (ms) => new Date(ms).toISOString());
    return [
      key.id,
      `better, "auth" ${index}`,
      key.secret.slice(0, 6),
      digestOf(keys, index, 'base64url'),
      ownerId,
      key.outcome === 'KEY_HELD' ? 'f' : 't',
      isBroken(key, 'ACTION') ? '{"image":["pull"]}' : '{"package":["push"]}',
      JSON.stringify({ notes: NOTES }),
      createdAt,
      lastUsedAt,
    ];
  });
  const header = [
    ...['id', 'name', 'start', 'key', 'userId', 'enabled', 'permissions', 'metadata', 'createdAt', 'lastRequest'],
  ];
  return {
    system: 'better-auth',
    fileName: 'apikey.csv',
    text: `\uFEFF${[header, ...rows].map(writeCsv).join('')}`,
    words: ['--from', 'better-auth', '--map', 'metadata=metadata'],
    foreignSecrets: { pattern: '[a-p]{64}', randomBits: 128 },
    keys,
  };
}

/** An export like NuGet's: CSV, digests in hex in upper case, no owner. The secrets have 96 random bits. */
export function exportNuget({ count, ownerId, now }: ExportOptions): SystemExport {
  const keys = makeKeys(count, (digits) => `oy2${digits.slice(0, 24)}`);
  const rows = keys.map((key, index) => {
    const { createdAt, lastUsedAt } = momentsOf(key, now, (ms) => new Date(ms).toISOString());
    return [
      key.id,
      digestOf(keys, index, 'hex').toUpperCase(),
      key.secret.slice(0, 6),
      `nuget ${index}`,
      isBroken(key, 'ACTION') ? UNKNOWN_ACTION : PUSH,
      `Acme.${index}`,
      createdAt,
      lastUsedAt,
      key.outcome === 'KEY_REVOKED' ? createdAt : '',
    ];
  });
  const header = [
    ...['Key', 'Value', 'Prefix', 'Description', 'AllowedAction', 'Subject', 'Created', 'LastUsed', 'Revoked'],
  ];
  return {
    system: 'nuget',
    fileName: 'credentials.csv',
    text: [header, ...rows].map(writeCsv).join(''),
    words: ['--from', 'nuget', '--owner', ownerId],
    foreignSecrets: { pattern: 'oy2[0-9a-f]{24}', randomBits: 96 },
    // NuGet has no keys that are held.
    keys: keys.map((key) => (key.outcome === 'KEY_HELD' ? { ...key, outcome: 'VALID' } : key)),
  };
}

/** Makes keys, with broken ones among them. `write`: makes a secret of 64 hexadecimal digits. */
function makeKeys(count: number, write: (digits: string) => string): readonly ExportedKey[] {
  return Array.from({ length: count }, (_, index) => {
    const secret = write(hash('sha256', `${write('')} ${index}`));
    const isAmongBroken = index % BROKEN_EVERY === 7;
    const broken = isAmongBroken
      ? (brokenWays[Math.floor(index / BROKEN_EVERY) % brokenWays.length] as (typeof brokenWays)[number])
      : null;
    const states = ['KEY_HELD', 'KEY_REVOKED'] as const;
    const outcome = broken === null ? (states[(index % 20) - 3] ?? 'VALID') : 'KEY_UNKNOWN';
    return { secret, id: `id ${index}`, broken, outcome, isIdle: index % 3 > 0 };
  });
}

function isBroken({ broken }: ExportedKey, way: (typeof brokenWays)[number]['way']): boolean {
  return broken?.way === way;
}

/** Returns the digest in the row of a key. A row that is there twice has that of the row before. */
function digestOf(keys: readonly ExportedKey[], index: number, encoding: 'hex' | 'base64' | 'base64url'): string {
  const key = keys[index] as ExportedKey;
  if (isBroken(key, 'DIGEST')) return 'not a digest';
  const { secret } = isBroken(key, 'TWICE') ? (keys[index - 1] as ExportedKey) : key;
  return hash('sha256', secret, encoding);
}

function momentsOf<Moment>(key: ExportedKey, now: Date, write: (ms: number) => Moment) {
  const daysAgo = (days: number) => write(now.getTime() - days * DAY_MS);
  return {
    createdAt: isBroken(key, 'MOMENT') ? 'yesterday' : daysAgo(900),
    lastUsedAt: daysAgo(key.isIdle ? 800 : 1),
  };
}
