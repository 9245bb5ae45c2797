import { useId, type FormEvent } from 'react';
import { useQuery } from 'urql';
import { readOutcome } from '../../api/client.ts';
import { ChipChoice } from '../../parts/chip-choice.tsx';
import { useFilterChoices } from '../../parts/filter-choices.ts';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { useSession } from '../../session/session-context.ts';
import { withBoundWords } from './bound-words.ts';
import type { NewKeyDraft, RenewalPlan } from './key-draft.ts';
import { RulesQuery } from './issue-query.ts';
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
  const { realms, organizations, gap } = useFilterChoices();
  const { realm, owner } = draft;
  const [state, readAgain] = useQuery({
    query: RulesQuery,
    variables: { realm, owner: owner === '' ? null : owner },
    // The bounds move with time, and with the policies.
    requestPolicy: 'cache-and-network',
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
          {organizations.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        {gap !== null && <p className="hint">{gap}</p>}
      </div>
      {realms.length > 1 && (
        <div className="field">
          <label htmlFor={realmId}>Realm</label>
          <select
            id={realmId}
            value={realm}
            onChange={({ target }) => onChange({ realm: target.value, scopes: [{ action: '', resource: '' }] })}
          >
            {realms.map(({ slug, name }) => (
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
          <LifeField draft={draft} bounds={withBoundWords(rules.issueBounds)} onChange={onChange} />
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

const plans = (Object.keys(planNames) as RenewalPlan[]).map((plan) => [plan, planNames[plan]] as const);

function PlanField({ plan, onChange }: { readonly plan: RenewalPlan; readonly onChange: (plan: RenewalPlan) => void }) {
  return (
    <ChipChoice legend="How it will be renewed" choices={plans} value={plan} onChange={onChange}>
      <p className="hint">{planHints[plan]}</p>
    </ChipChoice>
  );
}
