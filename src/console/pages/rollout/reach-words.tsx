import type { ReactNode } from 'react';
import { parseDuration } from '../../../domain/duration.ts';
import { RowMoment } from '../../parts/moment-button.tsx';
import type { TouchedKey } from './owners-query.ts';
import type { RolloutDetails } from './rollout-query.ts';

interface ReachWordsProps {
  readonly of: RolloutDetails;
  readonly keys: readonly TouchedKey[];
}

/** When the change reaches the keys of an owner, in a sentence. */
export function ReachWords(props: ReachWordsProps) {
  return <p>{sentenceOf(props)}</p>;
}

function sentenceOf({ of: rollout, keys }: ReachWordsProps): ReactNode {
  const { state } = rollout;
  const reached = keys.filter(({ isReached }) => isReached).length;
  if (state === 'UNDONE') return 'It was undone: today’s rules hold for these keys.';
  if (state === 'DONE') return 'It is in force for these keys, unless an exception has not ended.';
  if (reached > 0) {
    return `It is in force for ${reached === keys.length ? 'these keys' : `${String(reached)} of these keys`}. A stop that comes earlier was announced the notice period ahead.`;
  }
  if (state === 'PAUSED' || state === 'INCONCLUSIVE')
    return 'It waits for an administrator. It is in force for none of these keys.';
  const [first, last] = [beginOf(rollout, 'COHORT'), beginOf(rollout, 'ENFORCED')];
  return (
    <>
      It is in force for none of these keys.{' '}
      {first !== null && first !== last && (
        <>
          A cohort may reach them from <RowMoment at={first} /> on.{' '}
        </>
      )}
      {last !== null && (
        <>
          For all keys it is in force from <RowMoment at={last} /> on, at the earliest. Each stop is announced the
          notice period ahead.
        </>
      )}
    </>
  );
}

/** Returns when the next stage of a kind begins at the earliest; null: none is ahead. */
function beginOf({ stages, stage, nextStageAt }: RolloutDetails, kind: string): string | null {
  if (nextStageAt === null) return null;
  let at = Date.parse(nextStageAt);
  for (const ahead of stages.slice(stage)) {
    if (ahead.kind === kind) return new Date(at).toISOString();
    const read = parseDuration(ahead.leastTime);
    at += 'ms' in read ? read.ms : 0;
  }
  return null;
}
