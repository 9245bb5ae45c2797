import { MomentButton } from '../../parts/moment-button.tsx';
import type { KeyDetails } from './key-query.ts';

type Rotation = NonNullable<KeyDetails['rotation']>;

/** Who has moved to the new secret, and who has not: the checklist of a rotation. */
export function RotationChecklist({ of: rotation }: { readonly of: Rotation }) {
  const { moved, notMoved, hasUnlabelled, previousRetiresAt } = rotation;
  const all = moved.length + notMoved.length;
  return (
    <section className="sheet">
      <h2>Rotation</h2>
      <p>
        Both secrets work until <MomentButton at={previousRetiresAt} />. {sentence(moved.length, all)}
      </p>
      {all > 0 && (
        <ul className="plain-list checklist">
          {notMoved.map((name) => (
            <li key={name}>
              <svg viewBox="0 0 16 16" aria-hidden="true">
                <circle cx="8" cy="8" r="6" />
              </svg>
              <span>
                {name} <span className="quiet">still uses the old secret</span>
              </span>
            </li>
          ))}
          {moved.map((name) => (
            <li key={name} className="done">
              <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d="M3 8.5 6.5 12 13 4.5" />
              </svg>
              <span>
                {name} <span className="quiet">uses the new secret</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {hasUnlabelled && (
        <p className="quiet">
          The old secret was also used without a consumer label. It is unknown whether that program has the new one.
        </p>
      )}
    </section>
  );
}

function sentence(moved: number, all: number): string {
  if (all === 0) return 'The old secret was not seen in use.';
  return `${String(moved)} of ${String(all)} that used the old one have used the new one.`;
}
