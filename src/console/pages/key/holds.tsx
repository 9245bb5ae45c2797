import { MomentButton } from '../../parts/moment-button.tsx';
import type { KeyDetails } from './key-query.ts';

/** Who holds a key, and why. */
export function Holds({ of: { holds } }: { readonly of: KeyDetails }) {
  return (
    <section className="notice" aria-label="Holds">
      <h2>The key is held: it is refused until every hold is lifted</h2>
      <ul>
        {holds.map(({ source, reason, since }) => (
          <li key={`${source} ${since}`}>
            <bdi>{source}</bdi>, since <MomentButton at={since} />: <bdi>{reason}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}
