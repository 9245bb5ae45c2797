import { adapters, isGiven, type AdapterName } from './adapters.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { checkSendable } from './sendable.ts';
import type { SourceRow, SourceValue } from './source-row.ts';

/** The fields of a row that a column can give. */
const fields = [
  'digest',
  'start',
  'name',
  'owner',
  'subject',
  'scopes',
  'state',
  'stateReason',
  'randomBits',
  'labels',
  'description',
  'metadata',
  'createdAt',
  'lastUsedAt',
  'notBefore',
  'expiresAt',
  'allowedAddresses',
  'source',
  'externalKeyId',
] as const;

type Field = (typeof fields)[number];

/** How rows become keys: an adapter, columns that give fields, and values for rows that lack them. */
export interface RowMapping {
  readonly from: AdapterName | null;
  readonly columns: ReadonlyMap<string, Field>;
  readonly defaults: {
    readonly owner: string | null;
    /** Whether the owner of a row is the external id of a subject. */
    readonly hasSubjects: boolean;
    readonly source: string | null;
    readonly scopes: readonly ScopeValue[];
  };
}

interface ScopeValue {
  readonly action: string;
  readonly resource: string;
}

/** Numbers below this are seconds since 1970; from it on, milliseconds. It is the year 5138 in seconds. */
const SECONDS_MAX = 100_000_000_000;

/** Parses `--map column=field`. @throws CommandError USAGE */
export function readColumns(texts: readonly string[]): ReadonlyMap<string, Field> {
  return new Map(
    texts.map((text) => {
      const separator = text.lastIndexOf('=');
      const field = fields.find((name) => name === text.slice(separator + 1));
      if (separator > 0 && field !== undefined) return [text.slice(0, separator), field];
      const found = `--map: found ${JSON.stringify(text)}`;
      throw new CommandError(
        exitStatus.USAGE,
        `${found}; expected <column>=<field>, with a field of: ${fields.join(', ')}.`,
      );
    }),
  );
}

/**
 * Returns the input of a row for `importKeys`. What the row has is passed on as far as it can be read: the gateway
 * checks it, and its refusal names the row.
 *
 * @throws RangeError for a value that cannot be read, with a sentence for the report.
 */
export function toImportInput({ values }: SourceRow, { from, columns, defaults }: RowMapping): object {
  const adapted: SourceRow['values'] = from === null ? values : adapters[from](values);
  const mapped = Object.fromEntries([...columns].map(([column, field]) => [field, values[column]]));
  const read = (field: Field): SourceValue => (isGiven(mapped[field]) ? mapped[field] : adapted[field]);
  const text = (field: Field): string | null => (isGiven(read(field)) ? String(read(field)) : null);
  const scopes = isGiven(read('scopes')) ? readScopeList(read('scopes')) : defaults.scopes;
  const labels = isGiven(read('labels')) ? readLabelList(read('labels')) : null;
  const randomBits = text('randomBits');
  const input = {
    digest: text('digest') ?? '',
    name: text('name') ?? '',
    scopes,
    start: text('start'),
    ...readRowOwner(text('owner') ?? defaults.owner, text('subject'), defaults.hasSubjects),
    state: text('state')?.toUpperCase() ?? null,
    stateReason: text('stateReason'),
    randomBits: randomBits === null ? null : readInteger('randomBits', randomBits),
    labels,
    description: text('description'),
    metadata: isGiven(read('metadata')) ? readMetadata(read('metadata')) : null,
    createdAt: readInstant('createdAt', read('createdAt')),
    lastUsedAt: readInstant('lastUsedAt', read('lastUsedAt')),
    notBefore: readInstant('notBefore', read('notBefore')),
    expiresAt: readInstant('expiresAt', read('expiresAt')),
    allowedAddresses: isGiven(read('allowedAddresses')) ? readTextList(read('allowedAddresses')) : null,
    source: text('source') ?? defaults.source,
    externalKeyId: text('externalKeyId'),
  };
  if (input.state !== null && !['ACTIVE', 'HELD', 'REVOKED'].includes(input.state))
    throw new RangeError('state: expected ACTIVE, HELD or REVOKED.');
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  checkSendable(given);
  return given;
}

/** Returns the owner of a row: an id, or a subject by its external id. */
function readRowOwner(owner: string | null, subject: string | null, hasSubjects: boolean) {
  const externalId = subject ?? (hasSubjects ? owner : null);
  return {
    owner: externalId === null ? owner : null,
    ownerOf: externalId === null ? null : { subject: { externalId } },
  };
}

function readInteger(field: Field, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || Math.abs(value) >= 2 ** 31)
    throw new RangeError(`${field}: expected an integer.`);
  return value;
}

/** Reads an instant: RFC 3339 or another text with a time zone, or seconds or milliseconds since 1970. */
function readInstant(field: Field, value: SourceValue): string | null {
  if (!isGiven(value)) return null;
  const number = Number(value);
  const ms = Number.isFinite(number)
    ? number * (Math.abs(number) < SECONDS_MAX ? 1000 : 1)
    : Date.parse(toUtc(String(value)));
  if (Number.isNaN(ms) || Math.abs(ms) > 8.64e15)
    throw new RangeError(`${field}: expected an instant such as 2027-01-01T00:00:00Z.`);
  return new Date(ms).toISOString();
}

/** Databases write instants without a time zone; they are taken as UTC. */
function toUtc(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?$/.exec(text.trim());
  return match === null ? text : `${match[1]}T${match[2] ?? '00:00'}Z`;
}

/**
 * Reads scopes: a list of `{ action, resource }` or texts, an object of resources with lists of actions (better-auth), or a
 * text of `action=resource` separated by spaces or semicolons. An action without a resource is for all: `**`.
 */
function readScopeList(value: SourceValue): readonly ScopeValue[] {
  const parsed = parseJson(value);
  if (typeof parsed === 'string') return parsed.split(/[\s;]+/).flatMap((text) => (text === '' ? [] : readScope(text)));
  if (Array.isArray(parsed)) return parsed.map((one) => (typeof one === 'string' ? readScope(one) : toScope(one)));
  return Object.entries(parsed).flatMap(([resource, actions]) =>
    (Array.isArray(actions) ? actions : [actions]).map((action) => ({
      action: `${resource}:${String(action)}`,
      resource: '**',
    })),
  );
}

function readScope(text: string): ScopeValue {
  const separator = text.indexOf('=');
  return separator < 0
    ? { action: text, resource: '**' }
    : { action: text.slice(0, separator), resource: text.slice(separator + 1) };
}

function toScope(value: unknown): ScopeValue {
  const { action, resource } = (value ?? {}) as { readonly action?: unknown; readonly resource?: unknown };
  if (typeof action !== 'string') throw new RangeError('scopes: expected an action for each scope.');
  return { action, resource: typeof resource === 'string' ? resource : '**' };
}

function readLabelList(value: SourceValue): readonly { readonly name: string; readonly value: string }[] {
  const parsed = parseJson(value);
  if (Array.isArray(parsed)) {
    return parsed.map((label: { name?: unknown; value?: unknown } | null) => toLabel(label?.name, label?.value));
  }
  if (typeof parsed === 'object') return Object.entries(parsed).map(([name, one]) => toLabel(name, one));
  return parsed.split(/[;\s]+/).flatMap((text) => {
    const separator = text.indexOf('=');
    if (text === '') return [];
    if (separator < 1) throw new RangeError('labels: expected name=value.');
    return [{ name: text.slice(0, separator), value: text.slice(separator + 1) }];
  });
}

function toLabel(name: unknown, value: unknown) {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (typeof name !== 'string' || !isText) throw new RangeError('labels: expected a name and a text for each label.');
  return { name, value: String(value) };
}

function readMetadata(value: SourceValue): object {
  const parsed = parseJson(value);
  if (typeof parsed === 'object' && !Array.isArray(parsed)) return parsed;
  throw new RangeError('metadata: expected a JSON object.');
}

/** Reads a JSON list of texts, or texts separated by spaces or semicolons. */
function readTextList(value: SourceValue): readonly string[] {
  const parsed = parseJson(value);
  if (typeof parsed === 'string') return parsed.split(/[\s;]+/).filter((text) => text !== '');
  if (Array.isArray(parsed) && parsed.every((one) => typeof one === 'string')) return parsed;
  throw new RangeError('allowedAddresses: expected a list of texts.');
}

function parseJson(value: SourceValue): string | object {
  if (typeof value === 'object' && value !== null) return value;
  const text = String(value);
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new RangeError('found text that begins like JSON and is not; expected JSON.');
  }
}
