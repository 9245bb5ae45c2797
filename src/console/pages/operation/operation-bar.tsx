import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { FormProblem } from '../../parts/fields.tsx';
import { useSession } from '../../session/session-context.ts';
import { ApproveDialog, StopDialog, UndoDialog } from './operation-dialog.tsx';
import { continueDocument, pauseDocument, type OperationDetails } from './operation-query.ts';

interface OperationBarProps {
  readonly of: OperationDetails;
  readonly onChanged: () => void;
}

const dialogs = { Approve: ApproveDialog, Undo: UndoDialog, Stop: StopDialog };

/**
 * What can be done with an operation now. The account that proposed it cannot approve it. What cannot be taken back is asked
 * for first, in a dialog that says what will happen.
 */
export function OperationBar({ of: operation, onChanged }: OperationBarProps) {
  const { id, state, actor, canUndo, isUndoing } = operation;
  const { account } = useSession();
  const [opened, setOpened] = useState<keyof typeof dialogs | null>(null);
  const [pause, pausing] = useChange(pauseDocument, 'pauseOperation');
  const [goOn, goingOn] = useChange(continueDocument, 'resumeOperation');
  const isRunning = pausing.isRunning || goingOn.isRunning;
  const run = async (send: typeof pause) => {
    if (isRunning) return;
    await send({ input: { operationId: id, idempotencyKey: newIdempotencyKey() } });
    onChanged();
  };
  const entries = [
    {
      name: 'Approve',
      onClick: () => setOpened('Approve'),
      isShown: state === 'AWAITING_APPROVAL' && actor?.id !== account.id,
    },
    { name: 'Pause', onClick: () => void run(pause), isShown: state === 'RUNNING' },
    { name: 'Continue', onClick: () => void run(goOn), isShown: state === 'PAUSED' },
    { name: 'Undo', onClick: () => setOpened('Undo'), isShown: canUndo && !isUndoing },
    {
      name: 'Stop',
      onClick: () => setOpened('Stop'),
      isShown: ['RUNNING', 'PAUSED', 'AWAITING_APPROVAL'].includes(state),
    },
  ];
  const OpenedDialog = opened === null ? null : dialogs[opened];
  return (
    <>
      <div className="buttons">
        {entries
          .filter(({ isShown }) => isShown)
          .map(({ name, onClick }) => (
            <button key={name} type="button" aria-disabled={isRunning} onClick={onClick}>
              {name}
            </button>
          ))}
      </div>
      <FormProblem text={pausing.problem ?? goingOn.problem} />
      {OpenedDialog !== null && <OpenedDialog of={operation} onChanged={onChanged} onClose={() => setOpened(null)} />}
    </>
  );
}
