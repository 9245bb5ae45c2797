import { createContext, use, useId } from 'react';

/** A problem that the gateway found at one place of the configuration. */
export interface ConfigProblem {
  readonly path: readonly string[];
  readonly message: string;
}

export const ProblemContext = createContext<readonly ConfigProblem[]>([]);

/** The problems at exactly this place. */
export function Problems({ path }: { readonly path: readonly string[] }) {
  const id = useId();
  return <ProblemText id={id} text={useProblem(path, false)} />;
}

export function ProblemText({ id, text }: { readonly id: string; readonly text: string | null }) {
  return (
    <p id={id} className="field-problem">
      {text}
    </p>
  );
}

/** Returns the problems at a place, and with `isWhole` those within it. */
export function useProblem(path: readonly string[], isWhole: boolean): string | null {
  const found = use(ProblemContext).filter(
    (problem) =>
      path.every((name, depth) => problem.path[depth] === name) && (isWhole || problem.path.length === path.length),
  );
  return found.length === 0 ? null : found.map(({ message }) => message).join('; ');
}
