import { useState } from 'react';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { SelectField } from '../../parts/fields.tsx';
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
  const [lifetime, setLifetime] = useState('');
  const [run, state] = useKeyChange(name, key.id, lifetime);
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
      fields={
        name === 'renewKey' && (
          <SelectField
            label="How long it lives from now"
            value={lifetime}
            onChange={({ target }) => setLifetime(target.value)}
          >
            <option value="">as long as it was last given</option>
            <option value="P30D">30 days</option>
            <option value="P90D">90 days</option>
            <option value="P365D">a year</option>
          </SelectField>
        )
      }
    >
      <p>{meaning}</p>
      {refuses === 'ALL' && <Affected of={key.usage} />}
      {refuses === 'NOT_MOVED' && key.rotation != null && <NotMoved of={key.rotation} />}
    </AskDialog>
  );
}
