import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import { Dialog } from '../parts/dialog.tsx';
import { useStore } from '../shell/observable-value.ts';
import { passwordQuestion, type PasswordQuestion } from './password-again.ts';
import { useSession } from './session-context.ts';
import { confirmPassword } from './session-store.ts';

/** Asks for the password while a change waits for it (`askPassword`). There is one in the page. */
export function PasswordDialog() {
  const question = useStore(passwordQuestion);
  return question === null ? null : <PasswordForm question={question} />;
}

function PasswordForm({ question: { answer } }: { readonly question: PasswordQuestion }) {
  const { account } = useSession();
  const [problem, setProblem] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const [passwordId, problemId] = [useId(), useId()];
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isSending) return;
    setSending(true);
    setProblem(null);
    const found = await confirmPassword(String(new FormData(event.currentTarget).get('password')));
    if (found === null) return answer(true);
    setSending(false);
    setProblem(found);
    field.current?.focus();
    field.current?.select();
  };
  return (
    <Dialog title="Enter your password again" onClose={() => answer(false)}>
      <p>
        This change stays when you have signed out, so Keytide makes sure that it is you, {account.name}. You are not
        asked again for 5 minutes.
      </p>
      <form onSubmit={(event) => void submit(event)}>
        <div className="field">
          <label htmlFor={passwordId}>Password</label>
          <input
            id={passwordId}
            ref={field}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            aria-describedby={problemId}
            aria-invalid={problem !== null}
          />
          <p id={problemId} className="field-problem" role="alert">
            {problem}
          </p>
        </div>
        <div className="buttons">
          <button type="button" onClick={() => answer(false)}>
            Cancel
          </button>
          <button type="submit" className="primary" aria-disabled={isSending}>
            Continue
          </button>
        </div>
      </form>
    </Dialog>
  );
}
