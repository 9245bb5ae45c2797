import { useId, type FormEvent } from 'react';
import { useQuery } from 'urql';
import { readOutcome } from '../../api/client.ts';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { useSession } from '../../session/session-context.ts';
import type { NewKeyDraft, RenewalPlan } from './key-draft.ts';
import { OwnersQuery, RulesQuery } from './issue-query.ts';
import { LifeField } from './life-field.tsx';
import { planHints, planNames } from './ready-commands.ts';
import { ScopeFields } from './scope-fields.tsx';

interface IssueFormProps {
  readonly draft: NewKeyDraft;
  readonly onChange: (changed: Partial<NewKeyDraft>) => void;
  readonly onSubmit: () => void;
}

/** Asks what the new key is for, what it may do, how long it lives and how it will be renewed. */
export function IssueForm({ draft, onChange, onSubmit }: IssueFormProps) {
  const { account } = useSession();
  const [nameId, realmId, ownerId] = [useId(), useId(), useId()];
  const [{ data: choices }] = useQuery({ query: OwnersQuery, variables: {} });
  const { realm, owner } = draft;
  const [state, readAgain] = useQuery({
    query: RulesQuery,
    variables: { realm, owner: owner === '' ? null : owner },
  });
  const isWaiting = state.data === undefined && state.error === undefined;
  const { data: rules, problem } = readOutcome(state);
  // The cache has the failed result too, if it had some data.
  const readFromNetwork = () => readAgain({ requestPolicy: 'network-only' });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
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
        <p className="hint">What uses the key, and where: “release workflow of acme/core”.</p>
      </div>
      <div className="field">
        <label htmlFor={ownerId}>Owner</label>
        <select id={ownerId} value={owner} onChange={({ target }) => onChange({ owner: target.value })}>
          <option value="">{account.name} (you)</option>
          {choices?.organizations.edges.map(({ node: { id, name } }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {(choices?.realms.edges.length ?? 0) > 1 && (
        <div className="field">
          <label htmlFor={realmId}>Realm</label>
          <select
            id={realmId}
            value={realm}
            onChange={({ target }) => onChange({ realm: target.value, scopes: [{ action: '', resource: '' }] })}
          >
            {choices?.realms.edges.map(({ node: { slug, name } }) => (
              <option key={slug} value={slug}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
      {!isWaiting && problem !== null && <Problem message={problem} onRetry={readFromNetwork} />}
      {isWaiting && <Waiting what="what is possible" />}
      {rules !== null && rules.issueBounds == null && <p>You may not issue a key for this owner in this realm.</p>}
      {rules?.issueBounds != null && rules.realm != null && (
        <>
          <ScopeFields scopes={draft.scopes} realm={rules.realm} onChange={(scopes) => onChange({ scopes })} />
          <LifeField draft={draft} bounds={rules.issueBounds} onChange={onChange} />
          <PlanField plan={draft.plan} onChange={(plan) => onChange({ plan })} />
          <div className="buttons">
            <button type="submit" className="primary">
              Continue
            </button>
          </div>
        </>
      )}
    </form>
  );
}

function PlanField({ plan, onChange }: { readonly plan: RenewalPlan; readonly onChange: (plan: RenewalPlan) => void }) {
  return (
    <fieldset className="field">
      <legend>How it will be renewed</legend>
      <div className="chips">
        {(Object.keys(planNames) as RenewalPlan[]).map((value) => (
          <label key={value} className="chip">
            <input type="radio" name="plan" value={value} checked={plan === value} onChange={() => onChange(value)} />
            {planNames[value]}
          </label>
        ))}
      </div>
      <p className="hint">{planHints[plan]}</p>
    </fieldset>
  );
}
