import { AskDialog } from '../../parts/ask-dialog.tsx';
import { Affected, NotMoved } from './affected.tsx';
import { KEY_REASON_HINT, type KeyChangeForm } from './key-changes.ts';
import type { KeyDetails } from './key-query.ts';
import { useKeyChange } from './use-key-change.ts';

interface ChangeDialogProps {
  readonly form: KeyChangeForm;
  readonly of: KeyDetails;
  readonly onClose: () => void;
}

/** Asks about a change of a key: what it means, who is affected, and why it is made. */
export function ChangeDialog({ form, of: key, onClose }: ChangeDialogProps) {
  const { name, title, button, meaning, reason, isFinal = false, refuses, done } = form;
  const [run, state] = useKeyChange(name, key.id);
  return (
    <AskDialog
      title={`${title} ${key.name}`}
      button={button}
      done={done}
      isDanger={isFinal}
      hasReason={reason !== 'NONE'}
      isReasonOptional={reason === 'OPTIONAL'}
      reasonHint={KEY_REASON_HINT}
      state={state}
      run={run}
      onClose={onClose}
    >
      <p>{meaning}</p>
      {refuses === 'ALL' && <Affected of={key.usage} />}
      {refuses === 'NOT_MOVED' && key.rotation != null && <NotMoved of={key.rotation} />}
    </AskDialog>
  );
}
