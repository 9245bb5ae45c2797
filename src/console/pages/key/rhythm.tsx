import { DAY_MS } from '../../../domain/duration.ts';
import { durationWords, localDayOf } from '../../parts/time.ts';
import { useNow } from '../../parts/use-now.ts';
import type { KeyDetails } from './key-query.ts';

/** How often the key is used and when it is likely to be used next, in a sentence each. */
export function Rhythm({ of: cadence }: { readonly of: KeyDetails['cadence'] }) {
  const now = useNow();
  if (cadence == null) return <p className="quiet">The key was used too seldom to show a rhythm.</p>;
  const { confidence, intervalCount, nextUseFrom, nextUseTo } = cadence;
  const isOverdue = new Date(nextUseTo) <= now;
  const lastDay = new Date(Date.parse(nextUseTo) - DAY_MS);
  return (
    <p>
      Used about every {durationWords(cadence.interval)}, as the last {intervalCount} intervals show
      {confidence === 'WEAK' && ', which is too few to be sure'}. The next use {isOverdue ? 'was' : 'is'} likely between{' '}
      <time dateTime={nextUseFrom}>{localDayOf(new Date(nextUseFrom))}</time> and{' '}
      <time dateTime={lastDay.toISOString()}>{localDayOf(lastDay)}</time>.
    </p>
  );
}
