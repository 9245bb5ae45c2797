import type { Output } from '../output.ts';
import { plainLine } from '../output.ts';
import { tellWhen } from '../tell-when.ts';
import type { KeyFacts } from './key-facts.ts';

/** Rows of a table of keys, under KEY_HEADINGS. */
export function keyRows(keys: readonly KeyFacts[], output: Output, now: Date): string[][] {
  return keys.map(({ id, name, realm, owner, state, stopsAt, lastUsedAt }) => [
    id,
    plainLine(name),
    realm,
    plainLine(owner.name),
    state === 'ACTIVE' ? state : output.style('red', state),
    tellWhen(stopsAt, now, state === 'ACTIVE' ? 'not by itself' : ''),
    tellWhen(lastUsedAt, now, 'never'),
  ]);
}

export const KEY_HEADINGS = ['ID', 'NAME', 'REALM', 'OWNER', 'STATE', 'STOPS', 'LAST USED'] as const;

/** What there is to say of one key, as rows of a name and what it is. */
export function keyDetails(key: KeyFacts, now: Date): [string, string][] {
  const basis = key.stopsBasis === 'BY_USE' ? '; a use moves it' : '';
  return [
    ['id', key.id],
    ['name', plainLine(key.name)],
    ['realm', key.realm],
    ['owner', `${plainLine(key.owner.name)} (${key.owner.id})`],
    ['state', key.standing === key.state ? key.state : `${key.state}, ${key.standing} by policy`],
    ['may', key.scopes.map(({ action, resource }) => `${action} on ${plainLine(resource)}`).join(', ')],
    [
      'labels',
      Object.entries(key.labels)
        .map(([name, value]) => `${name}=${plainLine(value)}`)
        .join(', '),
    ],
    ['issued', tellWhen(key.createdAt, now, '')],
    ['last used', tellWhen(key.lastUsedAt, now, 'never')],
    ['stops', `${tellWhen(key.stopsAt, now, 'not by itself')}${basis}`],
  ];
}

/** Writes rows of a name and what it is, in two columns; those that are empty are left out. */
export function writeDetails(output: Output, rows: readonly (readonly [string, string])[]): void {
  for (const [name, is] of rows) {
    if (is !== '') output.line(`${output.style('dim', name.padEnd(14))}${is}`);
  }
}
