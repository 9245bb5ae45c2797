import { AskDialog } from '../../parts/ask-dialog.tsx';
import { useWebhookChange, type WebhookChangeForm } from './webhook-changes.ts';

interface WebhookDialogProps {
  readonly form: WebhookChangeForm;
  readonly id: string;
  readonly onClose: () => void;
}

/** Asks about a change of a webhook: what it means, and why it is made. */
export function WebhookDialog({ form, id, onClose }: WebhookDialogProps) {
  const { name, title, button, meaning, reason, isFinal = false, done } = form;
  const [run, state] = useWebhookChange(name, id);
  return (
    <AskDialog
      title={title}
      button={button}
      done={done}
      isDanger={isFinal}
      hasReason={reason !== 'NONE'}
      isReasonOptional={reason === 'OPTIONAL'}
      state={state}
      run={run}
      onClose={onClose}
    >
      <p>{meaning}</p>
    </AskDialog>
  );
}
