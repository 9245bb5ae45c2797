import { durationWords } from '../../parts/time.ts';
import type { IssueBoundsOfOwner } from './issue-query.ts';

/** Returns bounds whose reasons are words for people, without the names of settings and ids. */
export function withBoundWords(bounds: IssueBoundsOfOwner): IssueBoundsOfOwner {
  const { earliestReason, latestReason } = bounds;
  return { ...bounds, earliestReason: boundWords(earliestReason), latestReason: boundWords(latestReason) };
}

function boundWords(reason: string): string {
  return reason
    .replace(/ \(binding_[0-9a-z]{26}\)/, '')
    .replace(/ set by (realm|policy) /, ' set by the $1 ')
    .replace(/: (shortest|longest)Lifetime (P\w+)/, (_text, which: string, duration: string) => {
      const bound = which === 'shortest' ? 'least' : 'most';
      return `: its keys live at ${bound} ${durationWords(duration)}`;
    });
}
