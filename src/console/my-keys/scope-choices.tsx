import { useId } from 'react';
import { isWithin, type GivenScope } from './grantable-scopes.ts';

/** What is chosen: for each scope of the ceiling, by its place, the resource that the key is for; absent: it is not chosen. */
export type ChosenScopes = Readonly<Record<number, string>>;

interface ScopeChoicesProps {
  readonly grantable: readonly GivenScope[];
  readonly descriptions: Readonly<Record<string, string>>;
  readonly foldsCase: boolean;
  readonly chosen: ChosenScopes;
  readonly onChange: (chosen: ChosenScopes) => void;
}

/** What the key may do: some of what the customer may give, each on the same resources or on fewer. */
export function ScopeChoices({ grantable, descriptions, foldsCase, chosen, onChange }: ScopeChoicesProps) {
  const toggle = (place: number, scope: GivenScope) => {
    const { [place]: before, ...rest } = chosen;
    onChange(before === undefined ? { ...rest, [place]: scope.resource } : rest);
  };
  return (
    <fieldset className="field">
      <legend>What it may do</legend>
      {grantable.map((scope, place) => (
        <ScopeChoice
          key={`${scope.action} ${scope.resource}`}
          scope={scope}
          description={descriptions[scope.action] ?? ''}
          foldsCase={foldsCase}
          resource={chosen[place] ?? null}
          onToggle={() => toggle(place, scope)}
          onResource={(resource) => onChange({ ...chosen, [place]: resource })}
        />
      ))}
    </fieldset>
  );
}

interface ScopeChoiceProps {
  readonly scope: GivenScope;
  readonly description: string;
  readonly foldsCase: boolean;
  /** Null: the scope is not chosen. */
  readonly resource: string | null;
  readonly onToggle: () => void;
  readonly onResource: (resource: string) => void;
}

function ScopeChoice({ scope, description, foldsCase, resource, onToggle, onResource }: ScopeChoiceProps) {
  const [resourceId, hintId] = [useId(), useId()];
  const isRefused = resource !== null && !isWithin(scope, resource, foldsCase);
  return (
    <div className="scope-choice">
      <label className="chip">
        <input type="checkbox" checked={resource !== null} onChange={onToggle} />
        <span>
          <code>{scope.action}</code> on <code>{scope.resource}</code>
        </span>
      </label>
      {description !== '' && <p className="hint">{description}</p>}
      {resource !== null && (
        <div className="field try">
          <label htmlFor={resourceId}>Only on</label>
          <input
            id={resourceId}
            required
            value={resource}
            maxLength={512}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={isRefused}
            aria-describedby={hintId}
            onChange={({ target }) => onResource(target.value)}
          />
          <p id={hintId} className={isRefused ? 'field-problem' : 'hint'}>
            {isRefused
              ? `It must stay within ${scope.resource}.`
              : '* stands for anything but a slash, and ** for anything.'}
          </p>
        </div>
      )}
    </div>
  );
}
