import type { ReactNode } from 'react';
import { Explained } from '../../parts/explained.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import type { Preview } from './preview-query.ts';

type Finding = Preview['findings'][number];
type Severity = Finding['severity'];

const words: Readonly<Record<Severity, string>> = { ERROR: 'Would break', WARNING: 'Warning', INFO: 'Note' };

const shapes: Readonly<Record<Severity, ReactNode>> = {
  ERROR: <path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5ZM5.5 5.5l5 5M10.5 5.5l-5 5" />,
  WARNING: <path d="M8 2.5 14.5 13.5H1.5ZM8 7v3" />,
  INFO: <path d="M8 2a6 6 0 1 1-.01 0M8 7.5V11M8 4.8v.4" />,
};

/** What the change would probably do wrong, the most severe first. */
export function PreviewFindings({ of: { findings } }: { readonly of: Preview }) {
  return (
    <section>
      <h2 id="findings">What may go wrong</h2>
      <ul className="plain-list findings" aria-labelledby="findings">
        {findings.map((finding) => (
          <li key={finding.code}>
            <p>
              <span className={`state finding-${finding.severity.toLowerCase()}`}>
                <svg viewBox="0 0 16 16" aria-hidden="true">
                  {shapes[finding.severity]}
                </svg>
                {words[finding.severity]}
              </span>{' '}
              <Explained text={finding.message} isInline />
            </p>
            <Named of={finding} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The first owners and keys of a finding. */
function Named({ of: { owners, keys, ownerCount, keyCount } }: { readonly of: Finding }) {
  return (
    <p className="quiet">
      {owners.map(({ name }) => name).join(', ')}
      {more(ownerCount - owners.length)}:{' '}
      {keys.map(({ id, name }, place) => (
        <span key={id}>
          {place > 0 && ', '}
          <Link href={paths.key(id)}>{name}</Link>
        </span>
      ))}
      {more(keyCount - keys.length)}
    </p>
  );
}

function more(count: number): string {
  return count > 0 ? ` and ${count.toLocaleString('en')} more` : '';
}
