import { useEffect, useEffectEvent, useState, type FormEvent } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { FormProblem } from '../../parts/fields.tsx';
import { Problem } from '../../parts/problem.tsx';
import { durationWords } from '../../parts/time.ts';
import { paths } from '../../routes.ts';
import { announce } from '../../shell/announce.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate } from '../../shell/router.ts';
import type { FormRefusal } from '../policy/binding-flow-props.ts';
import { PreviewProgress } from '../policy/preview-progress.tsx';
import { usePreview } from '../policy/preview-query.ts';
import { PreviewReplay } from '../policy/preview-replay.tsx';
import { PreviewResult } from '../policy/preview-result.tsx';
import { proposeDocument } from './rollout-changes.ts';
import { previewOfProposal, proposalInputOf, type ChangeTarget, type RolloutDraft } from './rollout-draft.ts';
import { nameOfStage } from './rollout-words.ts';
import { digestOf } from './sealed-text.ts';
import { stageInputsOf } from './stage-draft.ts';

interface ProposeStepProps {
  readonly realm: string;
  readonly target: ChangeTarget;
  readonly draft: RolloutDraft;
  readonly onBack: () => void;
  readonly onRefused: (refusal: FormRefusal) => void;
}

/** Shows what the change would do once it is enforced, and then asks to propose exactly that. */
export function ProposeStep({ realm, target, draft, onBack, onRefused }: ProposeStepProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const input = previewOfProposal(realm, target, draft);
  const [result, previewAgain] = usePreview(input);
  const [propose, state] = useChange(proposeDocument, 'proposeRollout');
  useEffect(() => {
    // The form was left at its end: the title takes the focus without scrolling to it.
    window.scrollTo(0, 0);
  }, []);
  const refuse = useEffectEvent(onRefused);
  useEffect(() => {
    if (result.kind === 'REFUSED') refuse(result);
  }, [result]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (result.kind !== 'DONE' || state.isRunning) return;
    const sealedDigest = draft.sealedText === '' ? null : await digestOf(draft.sealedText);
    const seal = { previewToken: result.preview.previewToken, sealedDigest, idempotencyKey };
    const success = await propose({ input: proposalInputOf(realm, target, draft, seal) });
    if (success === null) return;
    announce('The rollout is proposed.');
    navigate(paths.rollout(success.rollout.id));
  };
  return (
    <>
      <div className="title-row">
        <PageTitle title="Propose a rollout: what changes" isFocused />
      </div>
      <section className="sheet preview" aria-label="What changes">
        <p>Once the change is in force for all keys:</p>
        {result.kind === 'RUNNING' && <PreviewProgress since={result.since} />}
        {result.kind === 'FAILED' && (
          <Problem title="The preview failed" message={result.message} onRetry={previewAgain} />
        )}
        {result.kind === 'DONE' && <PreviewResult of={result.preview} />}
        {result.kind === 'DONE' && target.kind !== 'UNBIND' && <PreviewReplay input={input} />}
      </section>
      <form className="sheet form confirm" onSubmit={(event) => void submit(event)}>
        <h2>{draft.title}</h2>
        <p className="written-text">{draft.explanation}</p>
        <ol>
          {stageInputsOf(draft.stages).map((stage, index) => (
            // Stages have no identity but their place.
            <li key={index}>
              {nameOfStage({ kind: stage.kind, share: stage.share ?? null })}, for{' '}
              {durationWords(stage.atLeast) || stage.atLeast} at least
            </li>
          ))}
        </ol>
        <p>The first stage begins at once. Owners whose keys it touches see the proposal, and can answer it.</p>
        <FormProblem text={state.problem} />
        <div className="buttons">
          <button type="button" onClick={onBack}>
            Back to the form
          </button>
          {state.problem !== null && (
            <button type="button" onClick={previewAgain}>
              Preview again
            </button>
          )}
          {result.kind === 'DONE' && (
            <button type="submit" className="primary" aria-disabled={state.isRunning}>
              Propose the rollout
            </button>
          )}
        </div>
        {result.kind !== 'DONE' && <p className="hint">It can be proposed when the preview is there.</p>}
      </form>
    </>
  );
}
