import '../lists.css';
import './rollout.css';
import { useState } from 'react';
import type { RolloutState } from '../../api/operations.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { SelectField } from '../../parts/fields.tsx';
import { LiveContent } from '../../parts/live-content.tsx';
import { RowMoment } from '../../parts/moment-button.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate, usePlace } from '../../shell/router.ts';
import { concernsRollouts, isOpen, RolloutListQuery, type RolloutRow } from './rollout-query.ts';
import { StateOfRollout } from './rollout-state.tsx';
import { nameOfStage, rolloutStateWords } from './rollout-words.ts';

/** The states that a filter names as one: what is not ended. */
const OPEN = 'OPEN';
const openStates: readonly RolloutState[] = ['PROPOSED', 'RUNNING', 'PAUSED', 'INCONCLUSIVE'];

/** The rollouts, newest first. The address has the filters. */
export default function RolloutListPage() {
  const { account } = useSession();
  const search = new URLSearchParams(usePlace().search);
  const [realm, state] = [search.get('realm') ?? '', search.get('state') ?? ''];
  return (
    <>
      <div className="title-row">
        <PageTitle title="Rollouts" />
        {account.isAdministrator && (
          <div className="buttons">
            <Link className="button" href={paths.newRollout}>
              Propose a rollout
            </Link>
          </div>
        )}
      </div>
      <p className="quiet">
        Changes of policies that go through stages. Owners can answer them before they stop a key.
      </p>
      <RolloutList key={`${realm} ${state}`} realm={realm} state={state} />
    </>
  );
}

interface Filters {
  readonly realm: string;
  readonly state: string;
}

/** One page of the list, with its filters. */
function RolloutList({ realm, state: chosen }: Filters) {
  const [after, setAfter] = useState<string | null>(null);
  const [state, readAgain] = useLiveQuery({
    query: RolloutListQuery,
    variables: { realm: realm === '' ? null : realm, states: statesOf(chosen), after },
    concerns: concernsRollouts,
  });
  return (
    <LiveContent of={state} what="the rollouts" onRetry={readAgain}>
      {({ rollouts: { edges, pageInfo }, realms }) => (
        <>
          <FilterFields realm={realm} state={chosen} realms={realms.edges.map(({ node }) => node)} />
          {edges.length === 0 ? (
            <p>There is none{after === null ? '' : ' before'}.</p>
          ) : (
            <section className="sheet">
              <ul className="plain-list rollout-list" aria-label="Rollouts">
                {edges.map(({ node }) => (
                  <li key={node.id}>
                    <RolloutItem of={node} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          <div className="buttons">
            {after !== null && (
              <button type="button" onClick={() => setAfter(null)}>
                Newest
              </button>
            )}
            {pageInfo.hasNextPage && pageInfo.endCursor !== null && (
              <button type="button" onClick={() => setAfter(pageInfo.endCursor)}>
                Earlier
              </button>
            )}
          </div>
        </>
      )}
    </LiveContent>
  );
}

interface FilterFieldsProps extends Filters {
  readonly realms: readonly { readonly slug: string; readonly name: string }[];
}

function FilterFields({ realm, state, realms }: FilterFieldsProps) {
  const choose = (changed: Partial<Filters>) => {
    const filters = Object.entries({ realm, state, ...changed }).filter(([, text]) => text !== '');
    const chosen = new URLSearchParams(filters);
    navigate(`${paths.rollouts}${chosen.size === 0 ? '' : `?${chosen.toString()}`}`);
  };
  return (
    <div className="list-filters">
      <SelectField label="Realm" value={realm} onChange={({ target }) => choose({ realm: target.value })}>
        <option value="">all realms</option>
        {realms.map(({ slug, name }) => (
          <option key={slug} value={slug}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField label="State" value={state} onChange={({ target }) => choose({ state: target.value })}>
        <option value="">all states</option>
        <option value={OPEN}>not ended</option>
        {Object.entries(rolloutStateWords).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </SelectField>
    </div>
  );
}

function statesOf(chosen: string): readonly RolloutState[] | null {
  if (chosen === OPEN) return openStates;
  return Object.hasOwn(rolloutStateWords, chosen) ? [chosen as RolloutState] : null;
}

function RolloutItem({ of: rollout }: { readonly of: RolloutRow }) {
  const { id, title, state, stages, stage, realm, binding, proposedBy, createdAt, endedAt } = rollout;
  const present = stages[stage - 1];
  return (
    <>
      <p className="listed">
        <Link href={paths.rollout(id)}>{title}</Link> <StateOfRollout state={state} />
      </p>
      <p>
        {isOpen(rollout) && present !== undefined && (
          <>
            Stage {stage} of {stages.length}: {nameOfStage(present)}
          </>
        )}
        {endedAt !== null && (
          <>
            Ended <RowMoment at={endedAt} />
          </>
        )}
      </p>
      <p className="quiet">
        <bdi>{binding.title}</bdi> · <bdi>{realm.name}</bdi> · proposed <RowMoment at={createdAt} />
        {proposedBy.name !== null && (
          <>
            {' '}
            by <bdi>{proposedBy.name}</bdi>
          </>
        )}
      </p>
    </>
  );
}
