import { useState, type FormEvent } from 'react';
import { Provider } from 'urql';
import { graphql } from '../../api/graphql.ts';
import { uncachedClient } from '../../api/uncached-client.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { paths } from '../../routes.ts';
import { sessionState } from '../../session/session-store.ts';
import { ObservableValue, useStore } from '../../shell/observable-value.ts';
import { PageTitle } from '../../shell/page-title.tsx';

const acceptDocument = graphql(`
  mutation AcceptOnPage($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) {
      ... on AcceptInvitationSuccess {
        account {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

/** The token of the link; empty: the link has none. */
const linkToken = new ObservableValue('');

/**
 * Reads the token of an invitation from the fragment of the address, which no request and no Referer has, and takes it out of the
 * address at once: the history keeps none. Not while a component renders, which may happen twice.
 */
function takeToken(): void {
  const { pathname, hash } = window.location;
  if (pathname !== paths.invitation || hash.length < 2) return;
  window.history.replaceState(null, '', paths.invitation);
  linkToken.set(hash.slice(1));
}

takeToken();
window.addEventListener('hashchange', takeToken);

/** Accepts an invitation: a person chooses a name and a password, and has an account. No session is needed. */
export default function InvitationPage() {
  const [isAccepted, setAccepted] = useState(false);
  const state = useStore(sessionState);
  return (
    <main className="sign-in">
      <div className="sheet">
        <p className="brand">Keytide</p>
        {isAccepted ? (
          <>
            <PageTitle title="Your account is made" isFocused />
            <p>Sign in with the email address to which you were invited, and with your password.</p>
            {state.kind === 'OPEN' ? (
              <p>
                This browser is signed in as {state.session.account.name}: <a href={paths.home}>sign out there</a>{' '}
                first.
              </p>
            ) : (
              <p>
                <a className="button primary" href={paths.signIn}>
                  Sign in
                </a>
              </p>
            )}
          </>
        ) : (
          <Provider value={uncachedClient}>
            <PageTitle title="You are invited" />
            <AcceptForm onAccepted={() => setAccepted(true)} />
          </Provider>
        )}
      </div>
    </main>
  );
}

function AcceptForm({ onAccepted }: { readonly onAccepted: () => void }) {
  const token = useStore(linkToken);
  const [accept, { isRunning, problem }] = useChange(acceptDocument, 'acceptInvitation');
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isRunning) return;
    const fields = new FormData(event.currentTarget);
    const text = (name: string) => String(fields.get(name));
    const input = {
      token: token === '' ? text('token').trim() : token,
      name: text('name').trim(),
      password: text('password'),
      idempotencyKey: newIdempotencyKey(),
    };
    if ((await accept({ input })) === null) return;
    linkToken.set('');
    onAccepted();
  };
  return (
    <form onSubmit={(event) => void submit(event)} method="post">
      <p>Choose your name and a password: Keytide then makes your account.</p>
      {token === '' && (
        <TextField
          label="Code of the invitation"
          name="token"
          required
          autoComplete="off"
          spellCheck={false}
          hint="What stands behind the # of the link that you got: kti_…"
        />
      )}
      <TextField label="Name" name="name" required maxLength={100} autoComplete="name" hint="As others see you." />
      <TextField
        label="Password"
        name="password"
        type="password"
        required
        minLength={12}
        autoComplete="new-password"
        hint="At least 12 characters."
      />
      <FormProblem text={problem} />
      <button type="submit" className="primary" aria-disabled={isRunning}>
        Make my account
      </button>
    </form>
  );
}
