import { CheckSealedText } from './check-sealed-text.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import type { RolloutDetails } from './rollout-query.ts';
import { percent, verbOfChange } from './rollout-words.ts';

/** What a rollout changes, why, and how much it may break. */
export function WhatChanges({ of: rollout }: { readonly of: RolloutDetails }) {
  const { explanation, replacement, sealedDigest, change, binding, realm, budget, previewedCount } = rollout;
  const { proposedBy, approvedBy, createdAt, endedAt } = rollout;
  return (
    <section className="sheet">
      <h2>What changes, and why</h2>
      <p className="written-text">{explanation}</p>
      <dl className="facts">
        {replacement !== null && (
          <>
            <dt>Instead</dt>
            <dd>{replacement}</dd>
          </>
        )}
        <dt>Change</dt>
        <dd>
          It {verbOfChange(change)} <Link href={paths.binding(binding.id)}>{binding.title}</Link> in{' '}
          <bdi>{realm.name}</bdi>
        </dd>
        <dt>Stops sooner</dt>
        <dd>{previewedCount.toLocaleString('en')} keys in the preview</dd>
        <dt>Budget</dt>
        <dd>
          {budget.owners.toLocaleString('en')} {budget.owners === 1 ? 'owner' : 'owners'} may break
          {budget.share !== null && `, or ${percent(budget.share)} of the consumers of the cohort if that is more`}
        </dd>
        {sealedDigest !== null && (
          <>
            <dt>Sealed text</dt>
            <dd>
              <CheckSealedText digest={sealedDigest} />
            </dd>
          </>
        )}
        <dt>Proposed</dt>
        <dd>
          <MomentButton at={createdAt} />
          {proposedBy.name !== null && (
            <>
              {' '}
              by <bdi>{proposedBy.name}</bdi>
            </>
          )}
          {approvedBy?.name != null && (
            <>
              , enforced by <bdi>{approvedBy.name}</bdi>
            </>
          )}
        </dd>
        {endedAt !== null && (
          <>
            <dt>Ended</dt>
            <dd>
              <MomentButton at={endedAt} isCounting={false} />
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
