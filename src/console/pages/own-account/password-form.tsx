import { useState, type FormEvent } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { announce } from '../../shell/announce.tsx';
import { changePasswordDocument } from './settings-query.ts';

/** Changes the password. All other sessions of the person end. */
export function PasswordForm({ email }: { readonly email: string | null }) {
  const [change, { isRunning, problem }] = useChange(changePasswordDocument, 'changePassword');
  const [isDone, setDone] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isRunning) return;
    setDone(false);
    const form = event.currentTarget;
    const fields = new FormData(form);
    const text = (name: string) => String(fields.get(name));
    const input = { currentPassword: text('current'), newPassword: text('new'), idempotencyKey: newIdempotencyKey() };
    if ((await change({ input })) === null) return;
    form.reset();
    setDone(true);
    announce('Your password is changed.');
  };
  return (
    <section className="sheet">
      <h2>Password</h2>
      <form onSubmit={(event) => void submit(event)} method="post">
        <input
          className="unseen"
          type="email"
          autoComplete="username"
          value={email ?? ''}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <TextField label="Present password" name="current" type="password" autoComplete="current-password" required />
        <TextField
          label="New password"
          name="new"
          type="password"
          autoComplete="new-password"
          minLength={12}
          required
          hint="At least 12 characters. All your other sessions end."
        />
        <FormProblem text={problem} />
        {isDone && <p>Your password is changed, and all your other sessions have ended.</p>}
        <div className="buttons">
          <button type="submit" className="primary" aria-disabled={isRunning}>
            Change the password
          </button>
        </div>
      </form>
    </section>
  );
}
