import { useState, type FormEvent } from 'react';
import type { ChangeKeysInput } from '../../api/operations.ts';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { keyChanges, type ChangeRehearsal } from './change-keys-query.ts';

/** How many owners are named before the others are counted. */
const NAMED_MAX = 8;

interface ChangeKeysReviewProps {
  readonly found: ChangeRehearsal;
  readonly input: ChangeKeysInput;
  /** The name of the realm of the keys: a list may show those of others too. */
  readonly realm: string;
  readonly problem: string | null;
  readonly isRunning: boolean;
  readonly onBack: () => void;
  readonly onStart: () => void;
}

/** How many keys a change would reach, by owner. It starts when the person has typed their number. */
export function ChangeKeysReview({ found, input, realm, problem, isRunning, onBack, onStart }: ChangeKeysReviewProps) {
  const { matchedCount, byOwner } = found;
  const { change, labels, removeLabels } = input;
  const [typed, setTyped] = useState('');
  const [isWrong, setWrong] = useState(false);
  const named = byOwner.slice(0, NAMED_MAX);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isRight = typed.trim() === String(matchedCount);
    setWrong(!isRight);
    if (isRight) onStart();
  };
  if (matchedCount === 0) {
    return (
      <>
        <p>No key of this list can be changed that way. Nothing was changed.</p>
        <div className="buttons">
          <button type="button" onClick={onBack}>
            Back
          </button>
        </div>
      </>
    );
  }
  return (
    <form onSubmit={submit}>
      <p>{keyChanges[change].meaning} Nothing was changed yet.</p>
      <Labels title="Set:" of={(labels ?? []).map(({ name, value }) => `${name}=${value}`)} />
      <Labels title="Remove:" of={removeLabels ?? []} />
      <p>
        <strong>
          {matchedCount.toLocaleString('en')} {matchedCount === 1 ? 'key' : 'keys'}
        </strong>
        {` in ${realm}, of these owners:`}
      </p>
      <ul>
        {named.map(({ keyCount, owner }) => (
          <li key={owner.id}>
            {owner.name}: {keyCount.toLocaleString('en')}
          </li>
        ))}
        {byOwner.length > named.length && <li>{byOwner.length - named.length} more owners</li>}
      </ul>
      <TextField
        label="Type the number of keys"
        required
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
      />
      <FormProblem text={isWrong ? `The number is ${String(matchedCount)}.` : problem} />
      <div className="buttons">
        <button type="button" onClick={onBack}>
          Back
        </button>
        <button type="submit" className={change === 'REVOKE' ? 'danger primary' : 'primary'} aria-disabled={isRunning}>
          {change === 'REVOKE' ? 'Revoke for good' : `${keyChanges[change].name} now`}
        </button>
      </div>
    </form>
  );
}

function Labels({ title, of: labels }: { readonly title: string; readonly of: readonly string[] }) {
  if (labels.length === 0) return null;
  return (
    <p>
      {title}{' '}
      {labels.map((label) => (
        <code key={label}>{label} </code>
      ))}
    </p>
  );
}
