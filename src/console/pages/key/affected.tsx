import { Ago } from '../../parts/moment-button.tsx';
import type { KeyDetails } from './key-query.ts';

/** How many consumers are named before the others are counted. */
const NAMED_MAX = 5;

/** Who used the key in the last 30 days, and will be refused. */
export function Affected({ of: { consumers } }: { readonly of: KeyDetails['usage'] }) {
  const latest = new Map<string, string>();
  for (const { name, lastUsedAt } of consumers) {
    const known = latest.get(name);
    if (known === undefined || known < lastUsedAt) latest.set(name, lastUsedAt);
  }
  if (latest.size === 0) return <p>The key was not seen in use in the last 30 days.</p>;
  const named = [...latest].slice(0, NAMED_MAX);
  return (
    <>
      <p>These will be refused:</p>
      <ul>
        {named.map(([name, lastUsedAt]) => (
          <li key={name}>
            {name === '' ? 'a program without a label' : name}{' '}
            <span className="quiet">
              used it <Ago at={lastUsedAt} />
            </span>
          </li>
        ))}
        {latest.size > named.length && <li>{latest.size - named.length} more</li>}
      </ul>
    </>
  );
}
