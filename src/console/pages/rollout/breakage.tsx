import { graphql } from '../../api/graphql.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { LiveContent } from '../../parts/live-content.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { refusalWords } from '../../parts/refusal-words.ts';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import type { RolloutDetails } from './rollout-query.ts';
import { percent } from './rollout-words.ts';

const BreakageQuery = graphql(`
  query BreakageDuringRollout($id: ID!) {
    rollout(id: $id) {
      breakage {
        breakageCount
        consumerCount
        keyCount
        ownerCount
        breakages(first: 20) {
          edges {
            node {
              consumer
              outcome
              at
              lastUsedAt
              key {
                id
                name
                owner {
                  name
                }
              }
            }
          }
          pageInfo {
            hasNextPage
          }
        }
      }
    }
  }
`);

interface BreakageProps {
  readonly of: RolloutDetails;
}

/** What broke since the change is in force for the first owners, as it happens, beside the budget. */
export function RolloutBreakage({ of: rollout }: BreakageProps) {
  const { owners, share } = rollout.budget;
  const since = rollout.inForceSince;
  return (
    <section className="sheet" aria-labelledby="breakage">
      <h2 id="breakage">What breaks</h2>
      <p className="quiet">
        A consumer breaks if it worked before and is refused. The rollout stops itself when it breaks more than{' '}
        {owners === 1 ? '1 owner' : `${owners.toLocaleString('en')} owners`}
        {share !== null && `, or ${percent(share)} of the consumers of the cohort if that is more`}. Only keys that
        would still work without the rollout count.
      </p>
      {since === null ? (
        <p>Nothing can break yet: the change is not in force for any key.</p>
      ) : (
        <Found id={rollout.id} since={since} />
      )}
    </section>
  );
}

function Found({ id, since }: { readonly id: string; readonly since: string }) {
  const [state, readAgain] = useLiveQuery({
    query: BreakageQuery,
    variables: { id },
    concerns: ({ type }) => type === 'KEY_BROKE_CONSUMER' || type.startsWith('ROLLOUT_'),
  });
  return (
    <LiveContent of={state} what="what breaks" onRetry={readAgain}>
      {({ rollout: found }) => {
        if (found === null) return null;
        const { consumerCount, keyCount, ownerCount, breakages } = found.breakage;
        return (
          <>
            <p role="status">
              {consumerCount === 0
                ? 'Nothing broke in the realm'
                : `${count(consumerCount, 'consumer')} of ${count(ownerCount, 'owner')} broke in the realm, with ${count(keyCount, 'key')},`}{' '}
              since <MomentButton at={since} />
              {consumerCount > 0 && '. Not all of it needs to come from the rollout'}.
            </p>
            {consumerCount > 0 && (
              <ul className="plain-list" aria-label="Broken consumers">
                {breakages.edges.map(({ node: { consumer, outcome, at, lastUsedAt, key } }) => (
                  <li key={`${key.id} ${consumer} ${at}`}>
                    <strong>{consumer}</strong> of <bdi>{key.owner.name}</bdi>:{' '}
                    <Link href={paths.key(key.id)}>{key.name}</Link> was refused <MomentButton at={at} />, because{' '}
                    {refusalWords(outcome)}. It last worked <MomentButton at={lastUsedAt} />.
                  </li>
                ))}
              </ul>
            )}
            {breakages.pageInfo.hasNextPage && <p className="quiet">These are the newest 20.</p>}
          </>
        );
      }}
    </LiveContent>
  );
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}
