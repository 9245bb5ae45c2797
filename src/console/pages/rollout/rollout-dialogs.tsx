import { useState, type ReactNode } from 'react';
import { newIdempotencyKey, type ChangeState } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { ROLLOUT_REASON_HINT } from './rollout-changes.ts';
import type { RolloutDetails } from './rollout-query.ts';
import { nameOfStage, stageSentences } from './rollout-words.ts';

/** What can be done with a rollout. */
export type RolloutAct = 'ADVANCE' | 'PAUSE' | 'RESUME' | 'UNDO';

interface RolloutDialogProps {
  readonly of: RolloutDetails;
  readonly act: RolloutAct;
  readonly state: ChangeState;
  readonly send: (input: { rolloutId: string; reason?: string; idempotencyKey: string }) => Promise<object | null>;
  readonly onClose: () => void;
}

/** Says what an act will do, and asks for it. */
export function RolloutDialog({ of: rollout, act, state, send, onClose }: RolloutDialogProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const { title, button, done } = wordsOfAct(rollout, act);
  return (
    <AskDialog
      title={title}
      button={button}
      done={done}
      hasReason
      isReasonOptional
      reasonHint={ROLLOUT_REASON_HINT}
      cancel="Leave it"
      isDanger={act === 'UNDO'}
      state={state}
      run={(reason) => send({ rolloutId: rollout.id, ...(reason !== '' && { reason }), idempotencyKey })}
      onClose={onClose}
    >
      {effects[act](rollout)}
    </AskDialog>
  );
}

/** Returns the words of an act, also those of its button on the page. */
export function wordsOfAct(rollout: RolloutDetails, act: RolloutAct) {
  const next = rollout.stages[rollout.stage];
  switch (act) {
    case 'ADVANCE':
      return next === undefined
        ? { title: 'End the rollout', button: 'End it', done: 'The rollout is done.' }
        : { title: `Begin “${nameOfStage(next)}”`, button: 'Begin the stage', done: 'The next stage has begun.' };
    case 'PAUSE':
      return { title: 'Pause the rollout', button: 'Pause', done: 'The rollout is paused.' };
    case 'RESUME':
      return rollout.state === 'INCONCLUSIVE'
        ? { title: 'Run the stage again', button: 'Run it again', done: 'The stage runs again.' }
        : { title: 'Resume the rollout', button: 'Resume', done: 'The rollout goes on.' };
    case 'UNDO':
      return { title: 'Undo the rollout', button: 'Undo it', done: 'The rollout is undone.' };
  }
}

const effects: Readonly<Record<RolloutAct, (rollout: RolloutDetails) => ReactNode>> = {
  ADVANCE: advanceEffect,
  PAUSE: ({ stages, stage }) => (
    <p>
      No further stage begins, and no brownout refuses a key, until you resume it. What is in force stays in force
      {isInForce(stages[stage - 1]) && ': a key that this stage stops still stops on its day'}. To take that back, undo
      the rollout.
    </p>
  ),
  RESUME: ({ state, stages, stage, isOverBudget }) => {
    const present = stages[stage - 1];
    const name = present === undefined ? 'the stage' : `the stage “${nameOfStage(present)}”`;
    const isAgain = state === 'INCONCLUSIVE' || isOverBudget;
    return (
      <p>
        {isAgain
          ? `It runs ${name} again from its beginning.`
          : `It goes on in ${name}; the time of the pause does not count.`}{' '}
        Breakages count from now on: the budget is whole again.
      </p>
    );
  },
  UNDO: ({ change, progress: { total } }) => (
    <>
      <p>
        {change === 'BIND' ? 'The policy is bound no longer' : 'What was in force before is in force again'}, at once
        and for all keys. {total > 0 && 'All keys of the realm are reviewed: '}
        {total > 0 ? 'each' : 'Each key'} gets the stop that it has without the rollout.
      </p>
      <p>
        Keys that ended under the rollout alone work again, in your name. What people and other policies did since
        stays. The rollout does not go on afterwards: to try again, propose another.
      </p>
    </>
  ),
};

function advanceEffect({ state, change, stages, stage, previewedCount }: RolloutDetails): ReactNode {
  const next = stages[stage];
  if (next === undefined) {
    return (
      <p>
        {change === 'UNBIND' ? 'The policy is removed' : 'The binding gets its new revision'} for good. After that the
        rollout cannot be undone.
      </p>
    );
  }
  return (
    <>
      {state === 'INCONCLUSIVE' && <p>Whether this stage broke anything is not known: too few owners used a key.</p>}
      <p>
        {stageSentences[next.kind]}
        {isInForce(next) &&
          change !== 'UNBIND' &&
          ' A key that stops sooner gets its notice first, so that it stops no sooner than the notice period from now.'}
      </p>
      {next.kind === 'ENFORCED' && (
        <p>
          In the preview {previewedCount.toLocaleString('en')} {previewedCount === 1 ? 'key stops' : 'keys stop'}{' '}
          sooner.
        </p>
      )}
    </>
  );
}

function isInForce(stage: { readonly kind: string } | undefined): boolean {
  return stage?.kind === 'COHORT' || stage?.kind === 'ENFORCED';
}
