import { useState } from 'react';
import { useChange } from '../../api/use-change.ts';
import { useSession } from '../../session/session-context.ts';
import {
  advanceDocument,
  pauseRolloutDocument,
  resumeRolloutDocument,
  undoRolloutDocument,
} from './rollout-changes.ts';
import { RolloutDialog, wordsOfAct, type RolloutAct } from './rollout-dialogs.tsx';
import { isOpen, type RolloutDetails } from './rollout-query.ts';

interface RolloutBarProps {
  readonly of: RolloutDetails;
  readonly onChanged: () => void;
}

/** What an administrator can do with a rollout now. Each act first says what it will do. */
export function RolloutBar({ of: rollout, onChanged }: RolloutBarProps) {
  const { account } = useSession();
  const [opened, setOpened] = useState<RolloutAct | null>(null);
  const changes = {
    ADVANCE: useChange(advanceDocument, 'advanceRollout'),
    PAUSE: useChange(pauseRolloutDocument, 'pauseRollout'),
    RESUME: useChange(resumeRolloutDocument, 'resumeRollout'),
    UNDO: useChange(undoRolloutDocument, 'undoRollout'),
  };
  if (!account.isAdministrator) return null;
  const send = async (act: RolloutAct, input: { rolloutId: string; reason?: string; idempotencyKey: string }) => {
    const success = await changes[act][0]({ input });
    onChanged();
    return success;
  };
  return (
    <>
      <div className="buttons">
        {actsOf(rollout, account.id).map((act) => (
          <button key={act} type="button" onClick={() => setOpened(act)}>
            {act === 'ADVANCE' ? wordsOfAct(rollout, act).title : wordsOfAct(rollout, act).button.replace(' it', '')}
          </button>
        ))}
      </div>
      {opened !== null && (
        <RolloutDialog
          of={rollout}
          act={opened}
          state={changes[opened][1]}
          send={(input) => send(opened, input)}
          onClose={() => setOpened(null)}
        />
      )}
    </>
  );
}

/** Returns what can be done in the present state. The person who proposed it is not the second one. */
function actsOf(rollout: RolloutDetails, accountId: string): readonly RolloutAct[] {
  const { state, waitsFor, proposedBy } = rollout;
  if (!isOpen(rollout)) return [];
  const holding = waitsFor.filter((gate) => gate !== 'EVIDENCE' || state !== 'INCONCLUSIVE');
  const isSecond = holding.every((gate) => gate === 'SECOND_PERSON') && proposedBy.id !== accountId;
  const mayAdvance = state !== 'PAUSED' && (holding.length === 0 || isSecond);
  return [
    ...(mayAdvance ? (['ADVANCE'] as const) : []),
    ...(state === 'PAUSED' || state === 'INCONCLUSIVE' ? (['RESUME'] as const) : []),
    ...(state === 'PAUSED' ? [] : (['PAUSE'] as const)),
    'UNDO',
  ];
}
