import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { ChipChoice } from '../../parts/chip-choice.tsx';
import { LostDialog } from '../../parts/lost-dialog.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { useShowOnce } from '../../parts/shown-once.tsx';
import { Affected } from './affected.tsx';
import { rotateDocument } from './key-changes.ts';
import type { KeyDetails } from './key-query.ts';

const graceChoices = [
  ['PT24H', '1 day'],
  ['P7D', '7 days'],
  ['P30D', '30 days'],
  ['PT0S', 'not at all: it ends now'],
] as const;

/** Asks how long the old secret is to work, and then shows the new one, once. */
export function RotateDialog({ of: key, onClose }: { readonly of: KeyDetails; readonly onClose: () => void }) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [gracePeriod, setGracePeriod] = useState<(typeof graceChoices)[number][0]>('PT24H');
  const [rotate, state] = useChange(rotateDocument, 'rotateKey');
  const [lost, setLost] = useState<{ readonly previousRetiresAt: string | null } | null>(null);
  const showOnce = useShowOnce();
  const run = async () => {
    const success = await rotate({ input: { keyId: key.id, gracePeriod, idempotencyKey } });
    if (success === null) return null;
    const previousRetiresAt = success.previousRetiresAt ?? null;
    if (success.secret == null) {
      setLost({ previousRetiresAt });
      return null;
    }
    showOnce({
      title: 'The new secret',
      what: 'secret',
      text: success.secret,
      meaning: 'It is shown only now. Store it where the key is used, then close this.',
      details: previousRetiresAt !== null && (
        <p>
          The old secret works until <MomentButton at={previousRetiresAt} />. The page of the key shows who has moved.
        </p>
      ),
    });
    return success;
  };
  if (lost !== null) {
    return (
      <LostDialog what="secret" done="The key got its new secret" onClose={onClose}>
        {lost.previousRetiresAt !== null && Date.parse(lost.previousRetiresAt) > Date.now()
          ? 'undo the rotation, and rotate again: the old secret still works.'
          : 'rotate again: the old secret no longer works.'}
      </LostDialog>
    );
  }
  return (
    <AskDialog
      title={`Rotate ${key.name}`}
      button="Rotate"
      done="The key has a new secret."
      state={state}
      run={run}
      onClose={onClose}
      fields={
        <>
          <ChipChoice
            legend="The old secret works for another"
            choices={graceChoices}
            value={gracePeriod}
            onChange={setGracePeriod}
          />
          {gracePeriod === 'PT0S' && <Affected of={key.usage} />}
        </>
      }
    >
      <p>The key gets a new secret, which you put wherever the key is used. The old one works meanwhile.</p>
    </AskDialog>
  );
}
