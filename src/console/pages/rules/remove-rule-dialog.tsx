import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { removeRuleDocument, type RuleDetails } from './rule-query.ts';

interface RuleDialogProps {
  readonly of: RuleDetails;
  readonly onClose: () => void;
}

/** Asks why a rule is removed. */
export function RemoveRuleDialog({ of: { id, name }, onClose }: RuleDialogProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [remove, state] = useChange(removeRuleDocument, 'removeTokenRule');
  return (
    <AskDialog
      title={`Remove the rule ${name}`}
      button="Remove"
      done="The rule is removed."
      isDanger
      hasReason
      isReasonOptional
      state={state}
      run={(reason) => remove({ input: { ruleId: id, ...(reason !== '' && { reason }), idempotencyKey } })}
      onClose={onClose}
    >
      <p>Its jobs get no more keys from now on. Keys that it has issued stay until they end, within 15 minutes.</p>
    </AskDialog>
  );
}
