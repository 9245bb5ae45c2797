import type { EventFilter, EventType } from '../../api/operations.ts';
import { cutSecrets } from '../../parts/cut-secrets.ts';
import { eventNames } from '../../parts/event-words.ts';

/** Which events are shown, as the address has it. An empty text: not filtered by that. */
export interface EventChoice {
  readonly types: readonly EventType[];
  /** The slug of a realm. */
  readonly realm: string;
  /** The id of an owner. */
  readonly owner: string;
  /** The id of a key. */
  readonly key: string;
  /** The id of the account, key, portal session or binding that made the change. */
  readonly actor: string;
  /** A cursor: only events before it, and no new ones. */
  readonly before: string;
}

export const allEvents: EventChoice = { types: [], realm: '', owner: '', key: '', actor: '', before: '' };

const textNames = ['realm', 'owner', 'key', 'actor', 'before'] as const;

/** Reads the choice of an address. What it does not know is left out. */
export function readEventChoice(search: string): EventChoice {
  const query = new URLSearchParams(search);
  const get = (name: (typeof textNames)[number]) => cutSecrets(query.get(name) ?? '').slice(0, 100);
  const types = [...new Set(query.getAll('type'))].filter((type) => Object.hasOwn(eventNames, type));
  return {
    types: types as EventType[],
    realm: get('realm'),
    owner: get('owner'),
    key: get('key'),
    actor: get('actor'),
    before: get('before'),
  };
}

/** Writes a choice as the query of an address. For all events it is empty. */
export function writeEventChoice(choice: EventChoice): string {
  const query = new URLSearchParams();
  for (const type of choice.types) query.append('type', type);
  for (const name of textNames) if (choice[name] !== '') query.set(name, cutSecrets(choice[name]));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

export function eventFilterOf({ types, realm, owner, key, actor }: EventChoice): EventFilter {
  return {
    ...(types.length > 0 && { types: [...types] }),
    ...(realm !== '' && { realm }),
    ...(owner !== '' && { owner }),
    ...(key !== '' && { keyIds: [key] }),
    ...(actor !== '' && { actor }),
  };
}
