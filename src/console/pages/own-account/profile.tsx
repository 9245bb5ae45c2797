import { useState, type FormEvent } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { CheckField, FormProblem, TextField } from '../../parts/fields.tsx';
import { announce } from '../../shell/announce.tsx';
import { updateAccountDocument, type OwnAccount } from './settings-query.ts';

/** Who the person is here, and whether notices are mailed. */
export function Profile({ of: { name, email, noticesByMail } }: { readonly of: OwnAccount }) {
  const [update, { isRunning, problem }] = useChange(updateAccountDocument, 'updateAccount');
  const choose = async (isMailed: boolean) => {
    if (isRunning) return;
    const input = { noticesByMail: isMailed, idempotencyKey: newIdempotencyKey() };
    if ((await update({ input })) !== null)
      announce(isMailed ? 'Notices are mailed to you.' : 'No notices are mailed to you.');
  };
  return (
    <section className="sheet">
      <h2>You</h2>
      <dl className="facts">
        <dt>Email</dt>
        <dd>{email}</dd>
      </dl>
      <NameForm name={name} />
      <CheckField
        label="Mail me before a key stops, after a leak, and after a change of many keys"
        checked={noticesByMail === true}
        onChange={({ target }) => void choose(target.checked)}
      />
      <FormProblem text={problem} />
    </section>
  );
}

/** Changes the name of the person. What the person types stays, also if the name is changed elsewhere meanwhile. */
function NameForm({ name }: { readonly name: string }) {
  const [typed, setTyped] = useState<string | null>(null);
  const [update, { isRunning, problem }] = useChange(updateAccountDocument, 'updateAccount');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    const input = { name: (typed ?? name).trim(), idempotencyKey: newIdempotencyKey() };
    if ((await update({ input })) === null) return;
    setTyped(null);
    announce('Your name is changed.');
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <TextField
        label="Name"
        required
        maxLength={100}
        autoComplete="name"
        value={typed ?? name}
        hint="Others see it beside your keys and changes. What is recorded already keeps the earlier name."
        onChange={({ target }) => setTyped(target.value)}
      />
      <FormProblem text={problem} />
      {typed !== null && typed.trim() !== name && (
        <div className="buttons">
          <button type="button" onClick={() => setTyped(null)}>
            Cancel
          </button>
          <button type="submit" className="primary" aria-disabled={isRunning}>
            Change the name
          </button>
        </div>
      )}
    </form>
  );
}
