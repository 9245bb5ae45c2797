import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { TextAreaField, TextField } from '../../parts/fields.tsx';
import { RowMoment } from '../../parts/moment-button.tsx';
import { localDayOf } from '../../parts/time.ts';
import { useSession } from '../../session/session-context.ts';
import { KeysOfOwner } from './keys-of-owner.tsx';
import { decideDocument } from './rollout-changes.ts';
import { ANSWER_CHARACTERS } from './rollout-limits.ts';
import { isOpen, type RolloutDetails, type RolloutException } from './rollout-query.ts';

interface ExceptionsProps {
  readonly of: RolloutDetails;
  readonly onChanged: () => void;
}

interface Decision {
  readonly exception: RolloutException;
  readonly isGrant: boolean;
}

const states: Readonly<Record<RolloutException['state'], string>> = {
  ASKED: 'Waits for a decision',
  GRANTED: 'Granted',
  REFUSED: 'Refused',
  ENDED: 'Ended',
};

/** The exceptions that owners requested. An administrator grants or refuses each, in writing. */
export function Exceptions({ of: rollout, onChanged }: ExceptionsProps) {
  const { account } = useSession();
  const [decision, setDecision] = useState<Decision | null>(null);
  const { edges, pageInfo } = rollout.exceptions;
  if (edges.length === 0) return null;
  const mayDecide = account.isAdministrator && isOpen(rollout);
  return (
    <section className="sheet" aria-labelledby="exceptions">
      <h2 id="exceptions">Exceptions</h2>
      <DataTable name="Exceptions" columns={['Owner', 'Until', 'Why', 'State', ...(mayDecide ? [''] : [])]}>
        {edges.map(({ node }) => (
          <tr key={node.exceptionId}>
            <td>
              {node.owner?.name ?? 'An owner'}
              <div className="quiet">
                <KeysOfOwner ids={node.keyIds} />
              </div>
            </td>
            <td>
              <RowMoment at={node.until} />
            </td>
            <td className="written-text">{node.reason}</td>
            <td>
              <strong>{states[node.state]}</strong>
              {node.decision !== null && <div className="quiet written-text">{node.decision}</div>}
            </td>
            {mayDecide && (
              <td>
                {node.state === 'ASKED' && (
                  <div className="buttons">
                    <button type="button" onClick={() => setDecision({ exception: node, isGrant: true })}>
                      Grant<span className="unseen"> the exception of {node.owner?.name}</span>
                    </button>
                    <button type="button" onClick={() => setDecision({ exception: node, isGrant: false })}>
                      Refuse<span className="unseen"> the exception of {node.owner?.name}</span>
                    </button>
                  </div>
                )}
              </td>
            )}
          </tr>
        ))}
      </DataTable>
      {pageInfo.hasNextPage && <p className="quiet">These are the newest 100.</p>}
      {decision !== null && <DecideDialog of={decision} onChanged={onChanged} onClose={() => setDecision(null)} />}
    </section>
  );
}

interface DecideDialogProps {
  readonly of: Decision;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

function DecideDialog({ of: { exception, isGrant }, onChanged, onClose }: DecideDialogProps) {
  const { exceptionId, owner, until, reason } = exception;
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [text, setText] = useState('');
  const [day, setDay] = useState('');
  const [send, state] = useChange(decideDocument, 'decideException');
  const name = owner?.name ?? 'the owner';
  const run = async () => {
    const success = await send({
      input: {
        exceptionId,
        grant: isGrant,
        text,
        ...(isGrant && day !== '' && { until: endOfDay(day, until) }),
        idempotencyKey,
      },
    });
    onChanged();
    return success;
  };
  return (
    <AskDialog
      title={isGrant ? `Grant ${name} an exception` : `Refuse ${name} the exception`}
      button={isGrant ? 'Grant' : 'Refuse'}
      done={isGrant ? 'The exception is granted.' : 'The exception is refused.'}
      state={state}
      run={run}
      onClose={onClose}
      fields={
        <>
          {isGrant && (
            <TextField
              label="Ends earlier, on (not required)"
              type="date"
              max={localInputDayOf(until)}
              value={day}
              hint={`As requested, it ends on ${localDayOf(new Date(until))}.`}
              onChange={({ target }) => setDay(target.value)}
            />
          )}
          <TextAreaField
            label="Why, for the owner"
            required
            maxLength={ANSWER_CHARACTERS}
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        </>
      }
    >
      <blockquote className="written-text">{reason}</blockquote>
      <p>
        {isGrant
          ? 'For these keys what is in force today stays in force, for this policy alone, until the exception ends. The stop after that is announced on each key. You cannot take it back: it ends by itself.'
          : 'The rollout reaches these keys as it reaches the others, after their notice.'}
      </p>
    </AskDialog>
  );
}

/** Returns the end of a local day, or the requested end if that is earlier. */
function endOfDay(day: string, requested: string): string {
  return new Date(Math.min(Date.parse(`${day}T23:59:59`), Date.parse(requested))).toISOString();
}

/** Returns the local day of an instant as a field of a day has it. */
function localInputDayOf(at: string): string {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}
