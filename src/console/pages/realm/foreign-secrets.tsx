import { useState, type FormEvent } from 'react';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { announce } from '../../shell/announce.tsx';
import type { RealmDetails } from './realm-query.ts';
import { CHANGED_MEANWHILE, isUnchanged, useRealmChange } from './use-realm-change.ts';

/** The random bits that foreign secrets can be declared to have, and those below which verifiers do not get their digests. */
const [LEAST_BITS, SEALED_BELOW, MOST_BITS] = [80, 128, 1024];

type ForeignSecrets = RealmDetails['foreignSecrets'];

interface ForeignSecretsProps {
  readonly of: RealmDetails;
  readonly isAdministrator: boolean;
}

/** The secrets of another system that verify in a realm, for keys that were imported. */
export function ForeignSecretsOfRealm({ of: { slug, foreignSecrets }, isAdministrator }: ForeignSecretsProps) {
  const [opened, setOpened] = useState<'FORM' | 'REMOVE' | null>(null);
  const close = () => setOpened(null);
  return (
    <section className="sheet">
      <h2>Secrets of another system</h2>
      <p className="quiet">
        Imported keys can keep the secrets that another system gave them.{' '}
        <a href="/docs/guides/own-prefix">How they verify</a>
      </p>
      {opened !== 'FORM' && (
        <>
          {foreignSecrets === null ? (
            <p>None verify in this realm.</p>
          ) : (
            <dl className="facts">
              <dt>They match</dt>
              <dd>
                <code>{foreignSecrets.pattern}</code>
              </dd>
              <dt>Random bits</dt>
              <dd>at least {foreignSecrets.randomBits}</dd>
            </dl>
          )}
          {isAdministrator && (
            <div className="buttons">
              {foreignSecrets !== null && (
                <button type="button" className="danger" onClick={() => setOpened('REMOVE')}>
                  Accept none
                </button>
              )}
              <button type="button" onClick={() => setOpened('FORM')}>
                {foreignSecrets === null ? 'Accept secrets of another system' : 'Change which are accepted'}
              </button>
            </div>
          )}
        </>
      )}
      {opened === 'FORM' && <ForeignSecretsForm realm={slug} of={foreignSecrets} onEnd={close} />}
      {opened === 'REMOVE' && <RemoveDialog realm={slug} of={foreignSecrets} onClose={close} />}
    </section>
  );
}

interface FormProps {
  readonly realm: string;
  readonly of: ForeignSecrets;
  readonly onEnd: () => void;
}

function ForeignSecretsForm({ realm, of, onEnd }: FormProps) {
  const [before] = useState(of);
  const [pattern, setPattern] = useState(before?.pattern ?? '');
  const [randomBits, setRandomBits] = useState(String(before?.randomBits ?? SEALED_BELOW));
  const [change, { isRunning, problem }] = useRealmChange(realm);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    const changes = { foreignSecrets: { pattern: pattern.trim(), randomBits: Number(randomBits) } };
    const success = await change((present) =>
      isUnchanged(present.foreignSecrets, before) ? changes : CHANGED_MEANWHILE,
    );
    if (success === null) return;
    announce('The form of the secrets is saved.');
    onEnd();
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <TextField
        label="A whole secret matches"
        required
        maxLength={200}
        spellCheck={false}
        autoComplete="off"
        value={pattern}
        placeholder="sk_live_[0-9A-Za-z]{24}"
        hint="Characters and classes such as [0-9a-f], each once or with ?, {40} or {20,40}. Never enter a secret here."
        onChange={({ target }) => setPattern(target.value)}
      />
      <TextField
        label="Random bits of a secret, at least"
        type="number"
        required
        min={LEAST_BITS}
        max={MOST_BITS}
        step={1}
        value={randomBits}
        hint={`${LEAST_BITS} to ${MOST_BITS}: secrets with fewer can be guessed. Below ${SEALED_BELOW} only the gateway verifies them, no verifier in another process.`}
        onChange={({ target }) => setRandomBits(target.value)}
      />
      <p>Secrets of keys that were imported already stop verifying if they do not match.</p>
      <FormProblem text={problem} />
      <div className="buttons">
        <button type="button" onClick={onEnd}>
          Cancel
        </button>
        <button type="submit" className="primary" aria-disabled={isRunning}>
          Save the form of the secrets
        </button>
      </div>
    </form>
  );
}

interface RemoveDialogProps {
  readonly realm: string;
  readonly of: ForeignSecrets;
  readonly onClose: () => void;
}

function RemoveDialog({ realm, of, onClose }: RemoveDialogProps) {
  const [before] = useState(of);
  const [change, state] = useRealmChange(realm);
  const changes = { foreignSecrets: { pattern: '', randomBits: before?.randomBits ?? LEAST_BITS } };
  return (
    <AskDialog
      title="Accept no secrets of another system"
      button="Accept none"
      done="No secret of another system verifies any longer."
      isDanger
      state={state}
      run={() => change((present) => (isUnchanged(present.foreignSecrets, before) ? changes : CHANGED_MEANWHILE))}
      onClose={onClose}
    >
      <p>
        Every program that still uses a secret of another system in this realm is refused at once. The keys stay: rotate
        them first, so that their programs have secrets of this gateway.
      </p>
    </AskDialog>
  );
}
