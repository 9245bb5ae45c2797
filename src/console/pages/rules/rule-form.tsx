import '../issue/issue.css';
import { useId, useState, type FormEvent } from 'react';
import { useQuery } from 'urql';
import { readOutcome } from '../../api/client.ts';
import { LinesField } from '../../parts/lines-field.tsx';
import { findLineProblem } from '../../parts/name-values.ts';
import { Link } from '../../shell/link.tsx';
import { paths } from '../../routes.ts';
import { OwnerField } from '../../parts/person-field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { ScopeFields } from '../issue/scope-fields.tsx';
import { ConditionFields } from './condition-fields.tsx';
import { suggestedClaims, type RuleDraft } from './rule-draft.ts';
import { RuleFormQuery } from './rule-query.ts';

interface RuleFormProps {
  readonly realm: string;
  readonly draft: RuleDraft;
  /** Whether the rule is new, so that its issuer can be chosen. */
  readonly isNew: boolean;
  readonly isRunning: boolean;
  readonly problem: string | null;
  readonly onChange: (changed: Partial<RuleDraft>) => void;
  readonly onSubmit: () => void;
}

/** Asks which jobs get a key by the rule, and what these keys are. */
export function RuleForm({ realm, draft, isNew, isRunning, problem, onChange, onSubmit }: RuleFormProps) {
  const [nameId, issuerId, problemId] = [useId(), useId(), useId()];
  const [isOwnerless, setOwnerless] = useState(false);
  const [state, readAgain] = useQuery({ query: RuleFormQuery, variables: { realm } });
  if (state.data === undefined && state.error === undefined) return <Waiting what="what is possible" />;
  const { data, problem: readProblem } = readOutcome(state);
  if (readProblem !== null)
    return <Problem message={readProblem} onRetry={() => readAgain({ requestPolicy: 'network-only' })} />;
  if (data.realm == null) return <p>There is no such realm.</p>;
  const issuers = data.realm.issuers.edges.map(({ node }) => node);
  if (issuers.length === 0) {
    return (
      <p>
        This realm trusts no CI provider yet.{' '}
        <Link href={`${paths.issuers}?realm=${encodeURIComponent(realm)}`}>Trust one</Link>
      </p>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setOwnerless(draft.owner === '');
    if (!isRunning && lineProblem === null && draft.owner !== '') onSubmit();
  };
  const lineProblem = findLineProblem(draft.labels) ?? findLineProblem(draft.claimLabels);
  const preset = issuers.find(({ id }) => id === draft.issuerId)?.preset;
  return (
    <form className="sheet form" onSubmit={submit}>
      <div className="field">
        <label htmlFor={nameId}>Name</label>
        <input
          id={nameId}
          required
          maxLength={100}
          autoComplete="off"
          value={draft.name}
          onChange={({ target }) => onChange({ name: target.value })}
        />
        <p className="hint">The keys get this name too, such as “releases”.</p>
      </div>
      {isNew && (
        <div className="field">
          <label htmlFor={issuerId}>Provider</label>
          <select
            id={issuerId}
            required
            value={draft.issuerId}
            onChange={({ target }) => onChange({ issuerId: target.value })}
          >
            <option value="">choose</option>
            {issuers.map(({ id, name, url }) => (
              <option key={id} value={id}>
                {name} ({url})
              </option>
            ))}
          </select>
        </div>
      )}
      <ConditionFields
        conditions={draft.conditions}
        claims={suggestedClaims(preset)}
        onChange={(conditions) => onChange({ conditions })}
      />
      <ScopeFields scopes={draft.scopes} realm={data.realm} onChange={(scopes) => onChange({ scopes })} />
      <OwnerField
        label="Owner of the keys"
        value={draft.owner}
        initialName={draft.ownerName}
        onChange={(owner, ownerName) => onChange({ owner, ownerName })}
      />
      <LinesField
        label="Labels (not required)"
        hint="A line for each: team=core."
        value={draft.labels}
        isInvalid={findLineProblem(draft.labels) !== null}
        onChange={(labels) => onChange({ labels })}
      />
      <LinesField
        label="Labels from claims (not required)"
        hint="A line for each, with the name of the claim: repo=repository."
        value={draft.claimLabels}
        isInvalid={findLineProblem(draft.claimLabels) !== null}
        onChange={(claimLabels) => onChange({ claimLabels })}
      />
      <p id={problemId} className="field-problem" role="alert">
        {lineProblem ?? (isOwnerless && draft.owner === '' ? 'Choose the owner from those found.' : problem)}
      </p>
      <div className="buttons">
        <button type="submit" className="primary" aria-disabled={isRunning} aria-describedby={problemId}>
          {isNew ? 'Add the rule' : 'Change the rule'}
        </button>
      </div>
    </form>
  );
}
