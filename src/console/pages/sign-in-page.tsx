import { useId, useRef, useState, type FormEvent } from 'react';
import { startPageSession } from '../session/session-store.ts';
import { announce } from '../shell/announce.tsx';
import { PageTitle } from '../shell/page-title.tsx';

/** Asks who the person is. It stands at every address until a person has signed in, so that a link in a mail still leads there. */
export function SignInPage({ notice }: { readonly notice: string | null }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const [emailId, passwordId, problemId] = [useId(), useId(), useId()];
  const password = useRef<HTMLInputElement>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isSending) return;
    const fields = new FormData(event.currentTarget);
    setSending(true);
    setProblem(null);
    const found = await startPageSession(String(fields.get('email')), String(fields.get('password')));
    if (found === null) return announce('You are signed in.');
    setSending(false);
    setProblem(found);
    password.current?.focus();
    password.current?.select();
  };
  return (
    <main className="sign-in">
      <div className="sheet">
        <p className="brand">Keytide</p>
        <PageTitle title="Sign in" />
        {notice !== null && <p role="status">{notice}</p>}
        <form onSubmit={(event) => void submit(event)} method="post" action="/session">
          <label htmlFor={emailId}>Email</label>
          <input id={emailId} name="email" type="email" autoComplete="username" required autoFocus />
          <label htmlFor={passwordId}>Password</label>
          <input
            id={passwordId}
            ref={password}
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
          <button type="submit" className="primary" aria-disabled={isSending}>
            Sign in
          </button>
        </form>
      </div>
    </main>
  );
}
