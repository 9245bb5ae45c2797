import { useState, type FormEvent } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { announce } from '../../shell/announce.tsx';
import { defineActionDocument, retireActionDocument, type RealmDetails } from './realm-query.ts';

interface ActionsProps {
  readonly of: RealmDetails;
  readonly isAdministrator: boolean;
}

/** The catalogue of a realm: what its keys can be allowed to do. */
export function Actions({ of: { slug, actions }, isAdministrator }: ActionsProps) {
  const [retiring, setRetiring] = useState<string | null>(null);
  const known = actions.filter(({ retiredAt }) => retiredAt === null);
  const retired = actions.filter(({ retiredAt }) => retiredAt !== null);
  return (
    <section className="sheet">
      <h2>Actions</h2>
      {known.length === 0 && <p>There is no action yet. A key needs at least one: what it may do with your API.</p>}
      <ul className="plain-list">
        {known.map(({ name, description }) => (
          <li key={name} className="listed">
            <span>
              <code>{name}</code> <span className="quiet">{description}</span>
            </span>
            {isAdministrator && (
              <button type="button" aria-label={`Retire ${name}`} onClick={() => setRetiring(name)}>
                Retire
              </button>
            )}
          </li>
        ))}
      </ul>
      {retired.length > 0 && (
        <p className="quiet">Retired: {retired.map(({ name }) => name).join(', ')}. Keys that have them keep them.</p>
      )}
      {isAdministrator && <NewAction realm={slug} />}
      {retiring !== null && <RetireDialog realm={slug} name={retiring} onClose={() => setRetiring(null)} />}
    </section>
  );
}

function NewAction({ realm }: { readonly realm: string }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [define, { isRunning, problem }] = useChange(defineActionDocument, 'defineAction');
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isRunning) return;
    const form = event.currentTarget;
    const input = { realm, name: name.trim(), description: description.trim(), idempotencyKey: newIdempotencyKey() };
    if ((await define({ input })) === null) return;
    announce(`The action ${name.trim()} is added.`);
    // Without it the browser marks the emptied fields as wrong.
    form.reset();
    setName('');
    setDescription('');
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <h3>Add an action</h3>
      <TextField
        label="Action"
        required
        maxLength={64}
        spellCheck={false}
        autoComplete="off"
        value={name}
        hint="For example package:push."
        onChange={({ target }) => setName(target.value)}
      />
      <TextField
        label="What it allows"
        required
        maxLength={500}
        autoComplete="off"
        value={description}
        onChange={({ target }) => setDescription(target.value)}
      />
      <FormProblem text={problem} />
      <div className="buttons">
        <button type="submit" aria-disabled={isRunning}>
          Add the action
        </button>
      </div>
    </form>
  );
}

interface RetireDialogProps {
  readonly realm: string;
  readonly name: string;
  readonly onClose: () => void;
}

function RetireDialog({ realm, name, onClose }: RetireDialogProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [retire, state] = useChange(retireActionDocument, 'retireAction');
  return (
    <AskDialog
      title={`Retire ${name}`}
      button="Retire"
      done={`The action ${name} is retired.`}
      state={state}
      run={() => retire({ input: { realm, name, idempotencyKey } })}
      onClose={onClose}
    >
      <p>New keys cannot get this action any more. Keys that have it keep it. You can add it again later.</p>
    </AskDialog>
  );
}
