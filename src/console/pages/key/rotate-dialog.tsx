import { useId, useState, type FormEvent } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { ShownSecret } from '../../parts/shown-secret.tsx';
import { announce } from '../../shell/announce.tsx';
import { Affected } from './affected.tsx';
import { rotateDocument } from './key-changes.ts';
import type { KeyDetails } from './key-query.ts';

const graceChoices = [
  ['PT24H', '1 day'],
  ['P7D', '7 days'],
  ['P30D', '30 days'],
  ['PT0S', 'not at all: it ends now'],
] as const;

/** A new secret, and until when the old one works. */
interface Rotated {
  readonly secret: string;
  readonly previousRetiresAt: string | null;
}

/** Asks how long the old secret is to work, and then shows the new one, once. */
export function RotateDialog({ of: key, onClose }: { readonly of: KeyDetails; readonly onClose: () => void }) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [gracePeriod, setGracePeriod] = useState<string>(graceChoices[0][0]);
  const [rotate, { isRunning, problem }] = useChange(rotateDocument, 'rotateKey');
  const [rotated, setRotated] = useState<Rotated | null>(null);
  const problemId = useId();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    const success = await rotate({ input: { keyId: key.id, gracePeriod, idempotencyKey } });
    if (success?.secret == null) return;
    announce('The key has a new secret.');
    setRotated({ secret: success.secret, previousRetiresAt: success.previousRetiresAt ?? null });
  };
  if (rotated !== null) return <NewSecret rotated={rotated} onClose={onClose} />;
  return (
    <Dialog title={`Rotate ${key.name}`} onClose={onClose}>
      <p>The key gets a new secret, which you put wherever the key is used. The old one works meanwhile.</p>
      <form onSubmit={(event) => void submit(event)}>
        <fieldset className="field">
          <legend>The old secret works for another</legend>
          <div className="chips">
            {graceChoices.map(([value, name]) => (
              <label key={value} className="chip">
                <input
                  type="radio"
                  name="grace"
                  value={value}
                  checked={gracePeriod === value}
                  onChange={() => setGracePeriod(value)}
                />
                {name}
              </label>
            ))}
          </div>
        </fieldset>
        {gracePeriod === 'PT0S' && <Affected of={key.usage} />}
        <p id={problemId} className="field-problem" role="alert">
          {problem}
        </p>
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" aria-disabled={isRunning}>
            Rotate
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function NewSecret({ rotated, onClose }: { readonly rotated: Rotated; readonly onClose: () => void }) {
  const { secret, previousRetiresAt } = rotated;
  return (
    <Dialog title="The new secret" onClose={onClose} isKept>
      <p>It is shown only now. Store it where the key is used, then close this.</p>
      <ShownSecret secret={secret} />
      {previousRetiresAt !== null && (
        <p>
          The old secret works until <MomentButton at={previousRetiresAt} />. The page of the key shows who has moved.
        </p>
      )}
      <div className="buttons">
        <button type="button" className="primary" onClick={onClose}>
          I have stored it
        </button>
      </div>
    </Dialog>
  );
}
