import { useEffect } from 'react';
import { MomentButton } from '../../parts/moment-button.tsx';
import { CopyButton, ShownSecret } from '../../parts/shown-secret.tsx';
import { paths } from '../../routes.ts';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate } from '../../shell/router.ts';
import type { RenewalPlan } from './key-draft.ts';
import { readyCommands } from './ready-commands.ts';

/** A key that was just issued, with its secret. */
export interface IssuedOnPage {
  readonly secret: string;
  readonly key: { readonly id: string; readonly name: string; readonly stopsAt: string | null };
}

/** Shows the secret of a new key, once, and the commands that put it to use. */
export function IssuedKeyPage({ issued, plan }: { readonly issued: IssuedOnPage; readonly plan: RenewalPlan }) {
  const { secret, key } = issued;
  useEffect(() => {
    // The browser asks before it leaves the page: the secret cannot be shown again.
    const ask = (event: Event) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, []);
  return (
    <>
      <div className="title-row">
        <PageTitle title={`The secret of “${key.name}”`} isFocused />
      </div>
      <section className="sheet form" aria-label="Secret">
        <p>This is the only time that it is shown. Every program that has it can do what the key may do.</p>
        <ShownSecret secret={secret} />
        {key.stopsAt !== null && (
          <p>
            The key stops <MomentButton at={key.stopsAt} />, unless it is renewed.
          </p>
        )}
      </section>
      <section className="sheet form next-steps">
        <h2>Put it to use</h2>
        {readyCommands(plan, key.name, window.location.origin).map(({ purpose, command }) => (
          <div key={command}>
            <p>{purpose}</p>
            <pre tabIndex={0} aria-label="Command">
              {command}
            </pre>
            <CopyButton text={command} what="the command" />
          </div>
        ))}
      </section>
      <div className="buttons">
        <button type="button" className="primary" onClick={() => navigate(paths.key(key.id))}>
          I have stored the secret
        </button>
      </div>
    </>
  );
}
