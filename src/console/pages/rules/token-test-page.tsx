import './rules.css';
import { useId, useRef, useState, type FormEvent } from 'react';
import { Problem } from '../../parts/problem.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { announce } from '../../shell/announce.tsx';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { readExplanation, type ExplainedToken } from './read-explanation.ts';
import { RealmChoice, useRealmOfPlace } from './realm-choice.tsx';
import { OnlyAdministrators } from './rule-facts.tsx';
import { TokenResult } from './token-result.tsx';

/** Explains which rule a job's token meets, claim by claim, and which claim fails. */
export default function TokenTestPage() {
  const { account } = useSession();
  const realm = useRealmOfPlace();
  return (
    <>
      <p className="quiet">
        <Link href={`${paths.rules}?realm=${encodeURIComponent(realm)}`}>CI rules</Link>
      </p>
      <div className="title-row">
        <PageTitle title="Test a token" />
      </div>
      {account.isAdministrator ? (
        <>
          <RealmChoice realm={realm} path={paths.ruleTest} />
          <Tester key={realm} realm={realm} />
        </>
      ) : (
        <OnlyAdministrators />
      )}
    </>
  );
}

function Tester({ realm }: { readonly realm: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [edition, setEdition] = useState(0);
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [explained, setExplained] = useState<ExplainedToken | null>(null);
  const [tokenId, hintId] = [useId(), useId()];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    setRunning(true);
    setProblem(null);
    setExplained(null);
    const outcome = await readExplanation(realm, field.current?.value ?? '');
    setRunning(false);
    setProblem(outcome.problem);
    if (outcome.isTokenNeeded) return;
    // A new field: the browser cannot bring the token back by an undo.
    setEdition((number) => number + 1);
    setExplained(outcome.explained);
    if (outcome.explained !== null) announce('The token is explained.');
  };
  return (
    <>
      <form className="sheet form" autoComplete="off" onSubmit={(event) => void submit(event)}>
        <div className="field">
          <label htmlFor={tokenId}>The token of a job, or its claims as JSON</label>
          <textarea
            key={edition}
            id={tokenId}
            ref={field}
            rows={5}
            required
            autoComplete="off"
            autoCorrect="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-describedby={hintId}
          />
          <p id={hintId} className="hint">
            The token can still be exchanged afterwards. It is sent to the gateway only, and this page drops it with the
            answer.
          </p>
        </div>
        {problem !== null && <Problem message={problem} />}
        <div className="buttons">
          <button type="submit" className="primary" aria-disabled={isRunning}>
            Explain
          </button>
        </div>
      </form>
      {explained !== null && <TokenResult of={explained} />}
    </>
  );
}
