import { useState, type ReactNode } from 'react';
import { readOutcome } from '../api/client.ts';
import { Problem } from './problem.tsx';
import { Waiting } from './waiting.tsx';

interface LiveContentProps<Data extends object> {
  /** The state of a query. */
  readonly of: Parameters<typeof readOutcome<Data>>[0];
  /** What is read, such as "the key". */
  readonly what: string;
  readonly onRetry: () => void;
  readonly children: (data: Data) => ReactNode;
}

/**
 * Shows what a live query has read. If it cannot be read again, what was read stays below the problem: a dialog may show a secret
 * that is shown once, and a form has what a person typed.
 */
export function LiveContent<Data extends object>({ of: state, what, onRetry, children }: LiveContentProps<Data>) {
  const [latest, setLatest] = useState<Data | null>(null);
  const { data, problem } = readOutcome(state);
  if (data !== null && data !== latest) setLatest(data);
  const shown = data ?? latest;
  if (shown === null && state.data === undefined && state.error === undefined) return <Waiting what={what} />;
  const isOld = data === null && shown !== null;
  return (
    <>
      {problem !== null && (
        <Problem
          title={`${what.charAt(0).toUpperCase()}${what.slice(1)} could not be read${isOld ? ' again' : ''}`}
          message={isOld ? `${problem} What you see may be out of date.` : problem}
          onRetry={onRetry}
        />
      )}
      {shown !== null && children(shown)}
    </>
  );
}
