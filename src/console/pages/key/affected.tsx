import type { ReactNode } from 'react';
import { Ago } from '../../parts/moment-button.tsx';
import type { KeyDetails } from './key-query.ts';

/** How many consumers are named before the others are counted. */
const NAMED_MAX = 5;

type Rotation = NonNullable<KeyDetails['rotation']>;

/** Who used the key in the last 30 days, and will be refused. */
export function Affected({ of: { consumers } }: { readonly of: KeyDetails['usage'] }) {
  const latest = new Map<string, string>();
  for (const { name, lastUsedAt } of consumers) {
    const known = latest.get(name);
    if (known === undefined || known < lastUsedAt) latest.set(name, lastUsedAt);
  }
  if (latest.size === 0) return <p>The key was not seen in use in the last 30 days.</p>;
  return (
    <Refused>
      {[...latest].map(([name, lastUsedAt]) => (
        <li key={name}>
          {name === '' ? 'a program without a label' : name}{' '}
          <span className="quiet">
            used it <Ago at={lastUsedAt} />
          </span>
        </li>
      ))}
    </Refused>
  );
}

/** Who used the old secret and has not used the new one, and will be refused when the old one retires. */
export function NotMoved({ of: { moved, notMoved, hasUnlabelled } }: { readonly of: Rotation }) {
  const isSeen = moved.length > 0 || notMoved.length > 0 || hasUnlabelled;
  return (
    <>
      {notMoved.length > 0 ? (
        <Refused>
          {notMoved.map((name) => (
            <li key={name}>
              {name} <span className="quiet">has not used the new secret</span>
            </li>
          ))}
        </Refused>
      ) : (
        !hasUnlabelled && (
          <p>
            {isSeen
              ? 'Every consumer that was seen with the old secret has used the new one.'
              : 'The old secret was not seen in use.'}
          </p>
        )
      )}
      {hasUnlabelled && (
        <p>
          The old secret was also used without a consumer label. It is unknown whether that program has the new one: if
          not, it will be refused.
        </p>
      )}
    </>
  );
}

/** Names the first of those that will be refused, and counts the others. */
function Refused({ children }: { readonly children: readonly ReactNode[] }) {
  return (
    <>
      <p>These will be refused:</p>
      <ul>
        {children.slice(0, NAMED_MAX)}
        {children.length > NAMED_MAX && <li>{children.length - NAMED_MAX} more</li>}
      </ul>
    </>
  );
}
