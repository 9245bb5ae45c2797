import { MomentButton } from '../../parts/moment-button.tsx';
import { refusalWords } from '../../parts/refusal-words.ts';
import type { KeyDetails } from './key-query.ts';

/** How many consumers are named before the others are counted. */
const NAMED_MAX = 5;

type Breakages = KeyDetails['usage']['breakages'];

/** The consumers that worked and were refused, each with its latest day: the newest first. */
export function BrokenConsumers({ of: breakages }: { readonly of: Breakages }) {
  const latest = new Map<string, Breakages[number]>();
  for (const breakage of breakages) if (!latest.has(breakage.consumer)) latest.set(breakage.consumer, breakage);
  const named = [...latest.values()].slice(0, NAMED_MAX);
  return (
    <>
      <h3 id="broken">Worked before, and were refused</h3>
      <ul aria-labelledby="broken">
        {named.map(({ consumer, outcome, at, lastUsedAt }) => (
          <li key={consumer}>
            {consumer}: refused <MomentButton at={at} />, because {refusalWords(outcome)}. It last worked{' '}
            <MomentButton at={lastUsedAt} />.
          </li>
        ))}
        {latest.size > named.length && <li>{latest.size - named.length} more</li>}
      </ul>
    </>
  );
}
