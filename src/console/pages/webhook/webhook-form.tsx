import { useId, type FormEvent } from 'react';
import { EventTypesField } from '../../parts/event-types.tsx';
import { useFilterChoices } from '../../parts/filter-choices.ts';
import { useSession } from '../../session/session-context.ts';
import { REALM_SOURCE, type WebhookDraft } from './webhook-draft.ts';

interface WebhookFormProps {
  readonly draft: WebhookDraft;
  readonly isNew: boolean;
  readonly isRunning: boolean;
  readonly problem: string | null;
  readonly onChange: (changed: Partial<WebhookDraft>) => void;
  readonly onSubmit: () => void;
}

/** Asks where events are posted to, and which. */
export function WebhookForm({ draft, isNew, isRunning, problem, onChange, onSubmit }: WebhookFormProps) {
  const { account } = useSession();
  const [urlId, descriptionId, sourceId, problemId] = [useId(), useId(), useId(), useId()];
  const { realms, organizations, gap } = useFilterChoices();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isRunning) onSubmit();
  };
  return (
    <form className="sheet form" onSubmit={submit}>
      <div className="field">
        <label htmlFor={urlId}>Address</label>
        <input
          id={urlId}
          type="url"
          required
          value={draft.url}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => onChange({ url: target.value })}
        />
        <p className="hint">
          https, on the public internet. Do not put a token into it: all who manage the webhook see it.
        </p>
      </div>
      <div className="field">
        <label htmlFor={descriptionId}>What it is for (not required)</label>
        <input
          id={descriptionId}
          maxLength={200}
          value={draft.description}
          autoComplete="off"
          onChange={({ target }) => onChange({ description: target.value })}
        />
      </div>
      {isNew && (
        <div className="field">
          <label htmlFor={sourceId}>Events of</label>
          <select id={sourceId} value={draft.source} onChange={({ target }) => onChange({ source: target.value })}>
            <option value="">{account.name} (you)</option>
            {organizations.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            {account.isAdministrator &&
              realms.map(({ slug, name }) => (
                <option key={slug} value={REALM_SOURCE + slug}>
                  the whole realm {name}
                </option>
              ))}
          </select>
          {gap !== null && <p className="hint">{gap}</p>}
        </div>
      )}
      <EventTypesField label="Only these events" types={draft.types} onChange={(types) => onChange({ types })} />
      <p id={problemId} className="field-problem" role="alert">
        {problem}
      </p>
      <div className="buttons">
        <button type="submit" className="primary" aria-disabled={isRunning} aria-describedby={problemId}>
          {isNew ? 'Make the webhook' : 'Change the webhook'}
        </button>
      </div>
    </form>
  );
}
