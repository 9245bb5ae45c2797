import { useId, useState, type FormEvent } from 'react';
import { Dialog } from '../../parts/dialog.tsx';
import { announce } from '../../shell/announce.tsx';
import { Affected } from './affected.tsx';
import type { KeyChangeForm } from './key-changes.ts';
import type { KeyDetails } from './key-query.ts';
import { useKeyChange } from './use-key-change.ts';

interface ChangeDialogProps {
  readonly form: KeyChangeForm;
  readonly of: KeyDetails;
  readonly onClose: () => void;
}

/** Asks about a change of a key: what it means, who is affected, and why it is made. */
export function ChangeDialog({ form, of: key, onClose }: ChangeDialogProps) {
  const { title, button, meaning, reason, isFinal = false, isStop, done } = form;
  const [text, setText] = useState('');
  const [run, { isRunning, problem }] = useKeyChange(form.name, key.id);
  const [reasonId, problemId] = [useId(), useId()];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning || !(await run(text.trim()))) return;
    announce(done);
    onClose();
  };
  return (
    <Dialog title={`${title} ${key.name}`} onClose={onClose}>
      <p>{meaning}</p>
      {isStop && <Affected of={key.usage} />}
      <form onSubmit={(event) => void submit(event)}>
        {reason !== 'NONE' && (
          <div className="field">
            <label htmlFor={reasonId}>{reason === 'REQUIRED' ? 'Why' : 'Why (not required)'}</label>
            <input
              id={reasonId}
              value={text}
              maxLength={500}
              required={reason === 'REQUIRED'}
              aria-describedby={problemId}
              onChange={({ target }) => setText(target.value)}
            />
            <p className="hint">People who may see the key read it in its history.</p>
          </div>
        )}
        <p id={problemId} className="field-problem" role="alert">
          {problem}
        </p>
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={isFinal ? 'danger primary' : 'primary'} aria-disabled={isRunning}>
            {button}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
