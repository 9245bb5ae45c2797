import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { TextField } from '../../parts/fields.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { cancelDocument, releaseDocument, BINDING_REASON_HINT } from './binding-changes.ts';
import type { BrakeDetails } from './policy-query.ts';

interface BrakeNoticeProps {
  readonly of: BrakeDetails;
  readonly mayEnd: boolean;
}

/** Says that a brake holds back stops, and names keys that wait. An administrator releases or cancels it here. */
export function BrakeNotice({ of: brake, mayEnd }: BrakeNoticeProps) {
  const [opened, setOpened] = useState<'RELEASE' | 'CANCEL' | null>(null);
  const { waitingCount, engagedAt, waiting } = brake;
  const named = waiting.edges.map(({ node }) => node);
  return (
    <section className="notice" aria-label="Brake">
      <h2>
        The brake holds back {waitingCount.toLocaleString('en')} {waitingCount === 1 ? 'stop' : 'stops'}
      </h2>
      <p>
        This policy would shorten the lives of too many keys within an hour. Since <MomentButton at={engagedAt} /> the
        keys keep their old stops, until an administrator decides.
      </p>
      <ul>
        {named.map(({ id, name, owner }) => (
          <li key={id}>
            <Link href={paths.key(id)}>{name}</Link> <span className="quiet">{owner.name}</span>
          </li>
        ))}
        {waitingCount > named.length && <li>{(waitingCount - named.length).toLocaleString('en')} more</li>}
      </ul>
      {mayEnd && (
        <div className="buttons">
          <button type="button" onClick={() => setOpened('RELEASE')}>
            Release
          </button>
          <button type="button" onClick={() => setOpened('CANCEL')}>
            Cancel the stops
          </button>
        </div>
      )}
      {opened === 'RELEASE' && <ReleaseDialog of={brake} onClose={() => setOpened(null)} />}
      {opened === 'CANCEL' && <CancelDialog of={brake} onClose={() => setOpened(null)} />}
    </section>
  );
}

interface DialogProps {
  readonly of: BrakeDetails;
  readonly onClose: () => void;
}

function ReleaseDialog({ of: { id, waitingCount }, onClose }: DialogProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [count, setCount] = useState('');
  const [release, state] = useChange(releaseDocument, 'releaseBrake');
  const run = (reason: string) => {
    const upTo = count === '' ? {} : { upTo: Number(count) };
    return release({ input: { brakeId: id, ...upTo, ...(reason !== '' && { reason }), idempotencyKey } });
  };
  return (
    <AskDialog
      title="Release the stops"
      button="Release"
      done="The stops are released."
      hasReason
      isReasonOptional
      reasonHint={BINDING_REASON_HINT}
      cancel="Leave it"
      state={state}
      run={run}
      onClose={onClose}
      fields={
        <TextField
          label="How many (not required)"
          type="number"
          min={1}
          step={1}
          value={count}
          hint={`Those that wait longest come first. All ${waitingCount.toLocaleString('en')}, if you leave it empty.`}
          onChange={({ target }) => setCount(target.value)}
        />
      }
    >
      <p>
        The keys get their earlier stops. Their owners had no notice of more than the policy gives: release a few first
        if you are not sure.
      </p>
    </AskDialog>
  );
}

function CancelDialog({ of: { id, waitingCount }, onClose }: DialogProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [cancel, state] = useChange(cancelDocument, 'cancelBrake');
  return (
    <AskDialog
      title="Cancel the stops"
      button="Cancel the stops"
      done="The stops are cancelled."
      hasReason
      isReasonOptional
      reasonHint={BINDING_REASON_HINT}
      cancel="Leave it"
      state={state}
      run={(reason) => cancel({ input: { brakeId: id, ...(reason !== '' && { reason }), idempotencyKey } })}
      onClose={onClose}
    >
      <p>
        {waitingCount === 1
          ? 'The key keeps its old stop'
          : `The ${waitingCount.toLocaleString('en')} keys keep their old stops`}
        . The policy goes to shadow, if it was not changed since: it then stops nothing.
      </p>
    </AskDialog>
  );
}
