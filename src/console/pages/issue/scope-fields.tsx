import { useId, useState } from 'react';
import { globProblem } from '../../../domain/glob.ts';
import { coversResource, type ScopeDraft } from './key-draft.ts';
import type { IssueRules } from './issue-query.ts';

type RealmOfRules = NonNullable<IssueRules['realm']>;

interface ScopeFieldsProps {
  readonly scopes: readonly ScopeDraft[];
  readonly realm: RealmOfRules;
  readonly onChange: (scopes: readonly ScopeDraft[]) => void;
}

/** What the key may do: actions on resources. A resource that is tried shows at once which rows allow it. */
export function ScopeFields({ scopes, realm, onChange }: ScopeFieldsProps) {
  const [tried, setTried] = useState('');
  const [triedId, hintId] = [useId(), useId()];
  const actions = realm.actions.filter(({ retiredAt }) => retiredAt == null);
  const change = (place: number, changed: Partial<ScopeDraft>) =>
    onChange(scopes.map((scope, index) => (index === place ? { ...scope, ...changed } : scope)));
  const matching = scopes.filter((scope) => coversResource(scope, tried, realm.foldsCase));
  return (
    <fieldset className="field">
      <legend>What it may do</legend>
      {scopes.map((scope, index) => (
        <ScopeRow
          // Rows have no identity but their place.
          key={index}
          scope={scope}
          number={index + 1}
          actions={actions}
          onChange={(changed) => change(index, changed)}
          onRemove={scopes.length === 1 ? null : () => onChange(scopes.filter((_scope, place) => place !== index))}
        />
      ))}
      <p className="hint" id={hintId}>
        In a resource * stands for anything but a slash, and ** for anything.
      </p>
      <div className="buttons">
        <button type="button" onClick={() => onChange([...scopes, { action: actions[0]?.name ?? '', resource: '' }])}>
          Add another
        </button>
      </div>
      <div className="field try">
        <label htmlFor={triedId}>Try a resource (not required)</label>
        <input
          id={triedId}
          value={tried}
          autoComplete="off"
          spellCheck={false}
          maxLength={512}
          onChange={({ target }) => setTried(target.value)}
        />
        <p className="hint" role="status">
          {tried === '' ? '' : matching.length === 0 ? 'No row allows it.' : `Allowed: ${namesOf(matching)}.`}
        </p>
      </div>
    </fieldset>
  );
}

interface ScopeRowProps {
  readonly scope: ScopeDraft;
  readonly number: number;
  readonly actions: RealmOfRules['actions'];
  readonly onChange: (changed: Partial<ScopeDraft>) => void;
  readonly onRemove: (() => void) | null;
}

function ScopeRow({ scope, number, actions, onChange, onRemove }: ScopeRowProps) {
  const [actionId, resourceId, problemId] = [useId(), useId(), useId()];
  const problem = globProblem(scope.resource);
  return (
    <div className="scope-row">
      <div>
        <label htmlFor={actionId}>Action {number}</label>
        <select
          id={actionId}
          required
          value={scope.action}
          onChange={({ target }) => onChange({ action: target.value })}
        >
          <option value="">choose</option>
          {actions.map(({ name, description }) => (
            <option key={name} value={name} title={description}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label htmlFor={resourceId}>On resource {number}</label>
        <input
          id={resourceId}
          required
          value={scope.resource}
          maxLength={512}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== null}
          aria-describedby={problemId}
          onChange={({ target }) => onChange({ resource: target.value })}
        />
      </div>
      {onRemove !== null && (
        <button type="button" onClick={onRemove} aria-label={`Remove action ${String(number)}`}>
          Remove
        </button>
      )}
      {problem !== null && (
        <p id={problemId} className="field-problem">
          {problem}
        </p>
      )}
    </div>
  );
}

function namesOf(scopes: readonly ScopeDraft[]): string {
  return [
    ...new Set(scopes.map(({ action, resource }) => `${action === '' ? 'an action' : action} by ${resource}`)),
  ].join(', ');
}
