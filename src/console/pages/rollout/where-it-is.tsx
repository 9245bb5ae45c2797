import type { ReactNode } from 'react';
import type { RolloutGate } from '../../api/operations.ts';
import { MomentButton } from '../../parts/moment-button.tsx';
import type { RolloutEvent } from './rollout-history-query.ts';
import type { RolloutDetails } from './rollout-query.ts';
import { gateSentences, nameOfStage } from './rollout-words.ts';
import { Stages } from './stages.tsx';

interface WhereItIsProps {
  readonly of: RolloutDetails;
  readonly events: readonly RolloutEvent[];
}

/** Where a rollout is: a sentence, its stages as a picture, and what the next stage waits for. */
export function WhereItIs({ of: rollout, events }: WhereItIsProps) {
  return (
    <section className="sheet" aria-labelledby="where">
      <h2 id="where">Where it is</h2>
      <p role="status">{stateSentence(rollout)}</p>
      <LastDecision of={rollout} events={events} />
      <Stages of={rollout} events={events} />
      <NextStage of={rollout} />
      <Review of={rollout} />
    </section>
  );
}

function stateSentence(rollout: RolloutDetails): ReactNode {
  const { state, change, stages, stage, isOverBudget } = rollout;
  const present = stages[stage - 1];
  const name = present === undefined ? '' : `“${nameOfStage(present)}”`;
  switch (state) {
    case 'PROPOSED':
      return 'Owners see the proposal and can answer it. No key has changed.';
    case 'RUNNING':
      return `It is in stage ${String(stage)} of ${String(stages.length)}, ${name}. The next stage begins by itself when nothing holds it.`;
    case 'PAUSED':
      if (!isOverBudget) {
        return `It is paused in the stage ${name}. No further stage begins, and what is in force stays in force.`;
      }
      return `It stopped itself: more owners broke than its budget allows. Its last stage is undone, and keys that ended under that stage work again. The stage ${name} is next, if you resume it.`;
    case 'INCONCLUSIVE':
      return `Too few owners used a key in the stage ${name}, so whether it breaks anything is not known. It waits for a person: begin the next stage, run this one again, or undo the rollout.`;
    case 'UNDONE':
      return change === 'BIND'
        ? 'It was undone: the policy is not bound.'
        : 'It was undone: what was in force before is in force again.';
    case 'DONE':
      return change === 'UNBIND'
        ? 'It is done: the policy is removed.'
        : 'It is done: the change is in force for good.';
  }
}

/** Who paused, resumed or undid it last, and why. */
function LastDecision({ of: { state }, events }: WhereItIsProps) {
  const type = { PAUSED: 'ROLLOUT_PAUSED', UNDONE: 'ROLLOUT_UNDONE' }[state as string];
  const last = type === undefined ? undefined : events.findLast((event) => event.type === type);
  if (last === undefined || (last.by === null && last.isOverBudget)) return null;
  return (
    <p className="quiet">
      <bdi>{last.by ?? 'Keytide'}</bdi>, <MomentButton at={last.at} />
      {last.reason !== null && (
        <>
          : <bdi>{last.reason}</bdi>
        </>
      )}
    </p>
  );
}

/** What the next stage waits for. */
function NextStage({ of: { state, stages, stage, nextStageAt, waitsFor } }: Pick<WhereItIsProps, 'of'>) {
  if (nextStageAt === null || state === 'PAUSED' || state === 'INCONCLUSIVE') return null;
  const next = stages[stage];
  const name = next === undefined ? 'The end of the rollout' : `“${nameOfStage(next)}”`;
  if (waitsFor.length === 0) return <p>{name} begins within a minute: nothing holds it.</p>;
  return (
    <>
      <h3 id="gates">{name} waits</h3>
      <ul className="gates" aria-labelledby="gates">
        {waitsFor.map((gate) => (
          <li key={gate}>
            <Gate gate={gate} until={nextStageAt} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Gate({ gate, until }: { readonly gate: RolloutGate; readonly until: string }) {
  if (gate !== 'LEAST_TIME') return gateSentences[gate];
  return (
    <>
      The least time of this stage ends <MomentButton at={until} />.
    </>
  );
}

/** How far the review of the keys has come. */
function Review({ of: { state, progress } }: Pick<WhereItIsProps, 'of'>) {
  const { total, done, restored } = progress;
  const words = `${done.toLocaleString('en')} of ${total.toLocaleString('en')} keys are reviewed`;
  return (
    <>
      {done < total && (
        <>
          <p>{words}</p>
          <progress max={total} value={done} aria-label={words} />
        </>
      )}
      {restored > 0 && (
        <p>
          {restored === 1 ? '1 key that' : `${restored.toLocaleString('en')} keys that`} had ended under the rollout{' '}
          {restored === 1 ? 'works' : 'work'} again{state === 'UNDONE' && done < total ? ' so far' : ''}.
        </p>
      )}
    </>
  );
}
