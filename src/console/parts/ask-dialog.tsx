import { useState, type FormEvent, type ReactNode } from 'react';
import type { ChangeState } from '../api/use-change.ts';
import { announce } from '../shell/announce.tsx';
import { Dialog } from './dialog.tsx';
import { FormProblem, TextField } from './fields.tsx';

interface AskDialogProps {
  readonly title: string;
  /** The words of the button that makes the change. */
  readonly button: string;
  /** What a screen reader says once the change is made. */
  readonly done: string;
  readonly isDanger?: boolean;
  /** Whether it asks for a reason, which the event of the change shows. */
  readonly hasReason?: boolean;
  /** Whether the reason may be left out. */
  readonly isReasonOptional?: boolean;
  /** Who reads the reason. */
  readonly reasonHint?: string;
  /** The words of the button that changes nothing. */
  readonly cancel?: string;
  readonly state: ChangeState;
  /** Makes the change. Resolves with null if it failed: the dialog then stays open. */
  readonly run: (reason: string) => Promise<object | null>;
  readonly onClose: () => void;
  /** Fields of the form, before the reason. */
  readonly fields?: ReactNode;
  /** What the change means. */
  readonly children: ReactNode;
}

/** Asks whether a change is to be made, and why. It stays open while the change fails. */
export function AskDialog({
  title,
  button,
  done,
  isDanger = false,
  hasReason = false,
  isReasonOptional = false,
  reasonHint = 'It is recorded with the change.',
  cancel = 'Cancel',
  state,
  run,
  onClose,
  fields,
  children,
}: AskDialogProps) {
  const [reason, setReason] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (state.isRunning || (await run(reason.trim())) === null) return;
    announce(done);
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <form onSubmit={(event) => void submit(event)}>
        {fields}
        {hasReason && (
          <TextField
            label={isReasonOptional ? 'Why (not required)' : 'Why'}
            value={reason}
            maxLength={500}
            required={!isReasonOptional}
            hint={reasonHint}
            onChange={({ target }) => setReason(target.value)}
          />
        )}
        <FormProblem text={state.problem} />
        <div className="buttons">
          <button type="button" onClick={onClose}>
            {cancel}
          </button>
          <button type="submit" className={isDanger ? 'danger primary' : 'primary'} aria-disabled={state.isRunning}>
            {button}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
