import './rollout.css';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { usePolling } from '../../live/use-polling.ts';
import { LiveContent } from '../../parts/live-content.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { OwnersPart } from './owners-part.tsx';
import { WhatChanges } from './what-changes.tsx';
import { concernsRollouts, RolloutQuery, type RolloutDetails } from './rollout-query.ts';
import { StateOfRollout } from './rollout-state.tsx';
import { Stages } from './stages.tsx';

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
  return (
    <>
      <p className="quiet">
        <Link href={paths.rollouts}>Rollouts</Link>
      </p>
      <div className="title-row">
        <PageTitle title={rollout.title} />
        <StateOfRollout state={rollout.state} />
      </div>
      <div className="stack">
        <Stages of={rollout} />
        <OwnersPart rollout={rollout} onChanged={onChanged} />
        <WhatChanges of={rollout} />
      </div>
    </>
  );
}
