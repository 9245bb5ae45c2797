import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { ChipChoice } from '../../parts/chip-choice.tsx';
import { LostDialog } from '../../parts/lost-dialog.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { useShowOnce } from '../../parts/shown-once.tsx';
import { rotateWebhookDocument } from './webhook-query.ts';

const graceChoices = [
  ['P1D', '1 day'],
  ['P7D', '7 days'],
  ['P28D', '28 days'],
  ['PT0S', 'not at all'],
] as const;

/** Asks how long the old secret is to sign too, and then shows the new one, once. */
export function RotateWebhookDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [gracePeriod, setGracePeriod] = useState<(typeof graceChoices)[number][0]>('P1D');
  const [rotate, state] = useChange(rotateWebhookDocument, 'rotateWebhookSecret');
  const [isLost, setLost] = useState(false);
  const showOnce = useShowOnce();
  const run = async () => {
    const success = await rotate({ input: { webhookId: id, gracePeriod, idempotencyKey } });
    if (success === null) return null;
    if (success.secret == null) {
      setLost(true);
      return null;
    }
    showOnce({
      title: 'The new secret',
      what: 'secret',
      text: success.secret,
      meaning: 'It is shown only now. Store it at the receiver, then close this.',
      details: (
        <p>
          Requests are also signed with the old secret until <MomentButton at={success.previousRetiresAt} />.
        </p>
      ),
    });
    return success;
  };
  if (isLost) {
    return (
      <LostDialog what="secret" done="The webhook got its new secret" onClose={onClose}>
        make another one now.
      </LostDialog>
    );
  }
  return (
    <AskDialog
      title="A new secret for the webhook"
      button="Make the secret"
      done="The webhook has a new secret."
      state={state}
      run={run}
      onClose={onClose}
      fields={
        <ChipChoice
          legend="The old secret signs too for"
          choices={graceChoices}
          value={gracePeriod}
          onChange={setGracePeriod}
        />
      }
    >
      <p>Meanwhile each request is signed with both secrets, so that the receiver can move at any time.</p>
    </AskDialog>
  );
}
