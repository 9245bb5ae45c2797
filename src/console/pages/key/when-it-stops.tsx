import { Explained } from '../../parts/explained.tsx';
import type { KeyDetails } from './key-query.ts';

/** When a key stops and why, and what policy advises, in sentences. */
export function WhenItStops({ of: { explanation, renewalInfo } }: { readonly of: KeyDetails }) {
  return (
    <section className="sheet">
      <h2>When it stops</h2>
      <Explained text={explanation.summary} />
      <p className="quiet">
        <Explained text={renewalInfo.reason} isInline />
      </p>
    </section>
  );
}
