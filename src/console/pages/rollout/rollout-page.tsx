import '../lists.css';
import './rollout.css';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { usePolling } from '../../live/use-polling.ts';
import { LiveContent } from '../../parts/live-content.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { Answers } from './answers.tsx';
import { RolloutBreakage } from './breakage.tsx';
import { Exceptions } from './exceptions.tsx';
import { OwnersPart } from './owners-part.tsx';
import { WhatChanges } from './what-changes.tsx';
import { RolloutBar } from './rollout-bar.tsx';
import { eventsOfRollout, rolloutEventTypes, RolloutEventsQuery } from './rollout-history-query.ts';
import { RolloutHistory } from './rollout-history.tsx';
import { concernsRollouts, RolloutQuery, type RolloutDetails } from './rollout-query.ts';
import { StateOfRollout } from './rollout-state.tsx';
import { WhereItIs } from './where-it-is.tsx';

/** A rollout: where it is, what it waits for, what owners say, and what can be done about it. */
export default function RolloutPage({ id }: { readonly id: string }) {
  const [state, readAgain] = useLiveQuery({ query: RolloutQuery, variables: { id }, concerns: concernsRollouts });
  const progress = state.data?.rollout?.progress;
  usePolling(progress !== undefined && progress.done < progress.total, readAgain);
  return (
    <LiveContent of={state} what="the rollout" onRetry={readAgain}>
      {({ rollout }) => (rollout === null ? <MissingRollout /> : <RolloutView of={rollout} onChanged={readAgain} />)}
    </LiveContent>
  );
}

function MissingRollout() {
  return (
    <>
      <PageTitle title="There is no such rollout" />
      <p>
        It does not exist, or you may not see it. <Link href={paths.rollouts}>All rollouts</Link>
      </p>
    </>
  );
}

interface RolloutViewProps {
  readonly of: RolloutDetails;
  readonly onChanged: () => void;
}

function RolloutView({ of: rollout, onChanged }: RolloutViewProps) {
  const [{ data }] = useLiveQuery({
    query: RolloutEventsQuery,
    variables: { realm: rollout.realm.slug, types: rolloutEventTypes },
    concerns: ({ type }) => type.startsWith('ROLLOUT_'),
  });
  const events = eventsOfRollout(data, rollout.id);
  return (
    <>
      <p className="quiet">
        <Link href={paths.rollouts}>Rollouts</Link>
      </p>
      <div className="title-row">
        <PageTitle title={rollout.title} />
        <StateOfRollout state={rollout.state} />
        <RolloutBar of={rollout} onChanged={onChanged} />
      </div>
      <div className="stack">
        <WhereItIs of={rollout} events={events} />
        <div className="columns">
          <div>
            <WhatChanges of={rollout} />
          </div>
          <div>
            <RolloutBreakage of={rollout} />
          </div>
        </div>
        <OwnersPart rollout={rollout} onChanged={onChanged} />
        <Exceptions of={rollout} onChanged={onChanged} />
        <div className="columns">
          <div>
            <Answers of={rollout} onChanged={onChanged} />
          </div>
          <div>
            <RolloutHistory of={rollout} events={events} />
          </div>
        </div>
      </div>
    </>
  );
}
