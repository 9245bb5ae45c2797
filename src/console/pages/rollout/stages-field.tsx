import { useId, type ReactNode } from 'react';
import { describeDuration } from '../../../domain/duration.ts';
import type { RolloutStageKind } from '../../api/operations.ts';
import { DurationControl } from '../../parts/duration-control.tsx';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { stageSentences, stageWords } from './rollout-words.ts';
import { newStage, sortStages, stageKinds, type StageDraft } from './stage-draft.ts';
import { WindowsField } from './windows-field.tsx';

interface StagesFieldProps {
  readonly stages: readonly StageDraft[];
  readonly noticeMs: number;
  readonly problem: string | null;
  readonly onChange: (stages: readonly StageDraft[]) => void;
}

/** Asks for the stages of a rollout: which, how long each runs at least, and for whom. Their order is fixed. */
export function StagesField({ stages, noticeMs, problem, onChange }: StagesFieldProps) {
  const change = (id: number, changed: Partial<StageDraft>) =>
    onChange(stages.map((stage) => (stage.id === id ? { ...stage, ...changed } : stage)));
  const remove = (id: number) => onChange(stages.filter((stage) => stage.id !== id));
  const add = (kind: RolloutStageKind, percent?: string) => onChange([...stages, newStage(kind, noticeMs, percent)]);
  return (
    <section aria-labelledby="stages">
      <h2 id="stages">Stages</h2>
      <p className="hint">
        The next stage begins by itself when the least time is over and each objection has a reply, or is 14 days old.
        You can pause and undo the rollout until it has ended.
      </p>
      <FormProblem text={problem} />
      {stageKinds.map((kind) => {
        const ofKind = sortStages(stages).filter((stage) => stage.kind === kind);
        return (
          <fieldset key={kind} className="stage-field">
            <legend className={kind === 'ENFORCED' ? '' : 'unseen'}>{stageWords[kind]}</legend>
            {kind !== 'ENFORCED' && (
              <label className="check">
                <input
                  type="checkbox"
                  checked={ofKind.length > 0}
                  onChange={({ target }) =>
                    target.checked ? add(kind, '5') : onChange(stages.filter((stage) => stage.kind !== kind))
                  }
                />
                {stageWords[kind]}
              </label>
            )}
            <p className="hint">
              {stageSentences[kind]} {reasonOf(kind, noticeMs)}
            </p>
            {ofKind.map((stage, index) => (
              <StageFields
                key={stage.id}
                of={stage}
                name={kind === 'COHORT' ? `Cohort ${String(index + 1)}` : stageWords[kind]}
                onChange={(changed) => change(stage.id, changed)}
                onRemove={ofKind.length > 1 ? () => remove(stage.id) : null}
              >
                {kind === 'BROWNOUT' && (
                  <WindowsField
                    stages={stages}
                    of={stage}
                    noticeMs={noticeMs}
                    onChange={(windows) => change(stage.id, { windows })}
                  />
                )}
              </StageFields>
            ))}
            {kind === 'COHORT' && ofKind.length > 0 && (
              <button type="button" onClick={() => add('COHORT', '75')}>
                Add a cohort
              </button>
            )}
          </fieldset>
        );
      })}
    </section>
  );
}

/** Returns why a stage is there, and why it is as long as it is at first. */
function reasonOf(kind: RolloutStageKind, noticeMs: number): string {
  const notice = describeDuration(noticeMs);
  switch (kind) {
    case 'COMMENT':
      return 'Two weeks, so that an owner on a week of leave still sees it.';
    case 'SHADOW':
      return 'A week, so that each weekly job shows what it would meet.';
    case 'WARN':
      return 'Two weeks, so that people read in the output of their jobs what the mails did not reach.';
    case 'BROWNOUT':
      return 'Longer than the notice, because each window is announced that far ahead.';
    case 'COHORT':
      return `It goes on only while the budget lasts, and if a tenth of its owners used a key. It runs longer than the notice of ${notice}, so that the first keys stop while you can still undo.`;
    case 'ENFORCED':
      return `The rollout ends when this time is over, and can then no longer be undone: so it runs longer than the notice of ${notice} too. If very many keys stop sooner, another administrator begins it.`;
  }
}

interface StageFieldsProps {
  readonly of: StageDraft;
  readonly name: string;
  readonly onChange: (changed: Partial<StageDraft>) => void;
  /** Null: it is the only one of its kind. */
  readonly onRemove: (() => void) | null;
  readonly children: ReactNode;
}

function StageFields({ of: { kind, atLeast, percent }, name, onChange, onRemove, children }: StageFieldsProps) {
  const [id, hintId] = [useId(), useId()];
  return (
    <div className="nested stage-fields">
      {kind === 'COHORT' && (
        <TextField
          label={`${name}: per cent of owners`}
          type="number"
          min={0.01}
          max={99.99}
          step="any"
          required
          value={percent}
          onChange={({ target }) => onChange({ percent: target.value })}
        />
      )}
      <div className="field">
        <label htmlFor={id}>{name}: at least for</label>
        <DurationControl
          id={id}
          title={`${name}, at least`}
          value={atLeast}
          isRequired
          isInvalid={false}
          describedBy={hintId}
          onChange={(value) => onChange({ atLeast: value ?? '' })}
        />
        <span id={hintId} className="unseen">
          At most 365 days.
        </span>
      </div>
      {children}
      {onRemove !== null && (
        <button type="button" onClick={onRemove}>
          Remove {name}
        </button>
      )}
    </div>
  );
}
