import type { Output } from '../output.ts';
import { plainLine } from '../output.ts';
import { describeInstant } from '../describe-instant.ts';
import type { KeyJson } from './key-json.ts';

/** Formats keys as table rows for KEY_HEADINGS. */
export function formatKeyRows(keys: readonly KeyJson[], output: Output, now: Date): string[][] {
  return keys.map(({ id, name, realm, owner, state, stopsAt, lastUsedAt }) => [
    id,
    plainLine(name),
    realm,
    plainLine(owner.name),
    state === 'ACTIVE' ? state : output.style('red', state),
    describeInstant(stopsAt, now, state === 'ACTIVE' ? 'not by itself' : ''),
    describeInstant(lastUsedAt, now, 'never'),
  ]);
}

export const KEY_HEADINGS = ['ID', 'NAME', 'REALM', 'OWNER', 'STATE', 'STOPS', 'LAST USED'] as const;

/** Formats a key as rows of a name and a value. */
export function formatKeyDetails(key: KeyJson, now: Date): [string, string][] {
  const basis = key.stopsBasis === 'BY_USE' ? '; each use postpones it' : '';
  return [
    ['id', key.id],
    ['name', plainLine(key.name)],
    ['realm', key.realm],
    ['owner', `${plainLine(key.owner.name)} (${key.owner.id})`],
    ['state', key.standing === key.state ? key.state : `${key.state}, ${key.standing} by policy`],
    ['scopes', key.scopes.map(({ action, resource }) => `${action} on ${plainLine(resource)}`).join(', ')],
    [
      'labels',
      Object.entries(key.labels)
        .map(([name, value]) => `${name}=${plainLine(value)}`)
        .join(', '),
    ],
    ['issued', describeInstant(key.createdAt, now, '')],
    ['last used', describeInstant(key.lastUsedAt, now, 'never')],
    ['stops', `${describeInstant(key.stopsAt, now, 'not by itself')}${basis}`],
  ];
}

/** Writes rows of a name and a value in two columns; omits rows with an empty value. */
export function writeDetails(output: Output, rows: readonly (readonly [string, string])[]): void {
  for (const [name, value] of rows) {
    if (value !== '') output.line(`${output.style('dim', name.padEnd(14))}${value}`);
  }
}
