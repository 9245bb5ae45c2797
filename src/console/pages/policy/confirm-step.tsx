import { useEffect, useEffectEvent, useId, useState, type FormEvent } from 'react';
import { newIdempotencyKey } from '../../api/use-change.ts';
import { Problem } from '../../parts/problem.tsx';
import { paths } from '../../routes.ts';
import { announce } from '../../shell/announce.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate } from '../../shell/router.ts';
import { previewInputOf, type BindingDraft } from './binding-draft.ts';
import type { BindingFlowProps, FormRefusal } from './binding-flow-props.ts';
import { PreviewProgress } from './preview-progress.tsx';
import { usePreview } from './preview-query.ts';
import { PreviewReplay } from './preview-replay.tsx';
import { PreviewResult } from './preview-result.tsx';

interface ConfirmStepProps extends BindingFlowProps {
  readonly draft: BindingDraft;
  readonly onBack: () => void;
  readonly onRefused: (refusal: FormRefusal) => void;
}

/**
 * Shows what a change would do, and then asks to confirm exactly that. What is enforced is confirmed with its preview, or with the
 * password; what stops nothing needs neither.
 */
export function ConfirmStep({ target, draft, wasEnforced, title, run, state, onBack, onRefused }: ConfirmStepProps) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [reason, setReason] = useState('');
  const [reasonId, problemId] = [useId(), useId()];
  const isEnforced = draft.mode === 'ENFORCED';
  // A binding that had no effect before has none in SHADOW. What it would do is what people want to know.
  const isSupposed = draft.mode === 'SHADOW' && !wasEnforced;
  const input = previewInputOf(target, draft, isSupposed);
  const [result, previewAgain] = usePreview(input);
  useEffect(() => {
    // The form was left at its end: the title takes the focus without scrolling to it.
    window.scrollTo(0, 0);
  }, []);
  const refuse = useEffectEvent(onRefused);
  useEffect(() => {
    if (result.kind === 'REFUSED') refuse(result);
  }, [result]);
  const previewToken = result.kind === 'DONE' && !isSupposed ? result.preview.previewToken : null;
  const isReady = !isEnforced || previewToken !== null;
  const change = async () => {
    if (state.isRunning) return;
    const id = await run(draft, { reason, previewToken, idempotencyKey });
    if (id === null) return;
    announce(target.kind === 'NEW' ? 'The policy is bound.' : 'The binding is changed.');
    navigate(paths.binding(id));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) void change();
  };
  return (
    <>
      <div className="title-row">
        <PageTitle title={`${title}: what changes`} isFocused />
      </div>
      <section className="sheet preview" aria-label="What changes">
        {isSupposed && <p>In shadow nothing stops. If it were enforced, this would happen:</p>}
        {result.kind === 'RUNNING' && <PreviewProgress since={result.since} />}
        {result.kind === 'FAILED' && (
          <Problem title="The preview failed" message={result.message} onRetry={previewAgain} />
        )}
        {result.kind === 'DONE' && <PreviewResult of={result.preview} />}
        {result.kind === 'DONE' && <PreviewReplay input={input} />}
      </section>
      <form className="sheet form confirm" onSubmit={submit}>
        <div className="field">
          <label htmlFor={reasonId}>Why (not required)</label>
          <input
            id={reasonId}
            maxLength={500}
            value={reason}
            aria-describedby={problemId}
            onChange={({ target: { value } }) => setReason(value)}
          />
          <p className="hint">Everyone who may read the realm sees it with the event of this change.</p>
        </div>
        <p id={problemId} className="field-problem" role="alert">
          {state.problem}
        </p>
        <div className="buttons">
          <button type="button" onClick={onBack}>
            Back to the form
          </button>
          {state.problem !== null && (
            <button type="button" onClick={previewAgain}>
              Preview again
            </button>
          )}
          {isReady && (
            <button type="submit" className="primary" aria-disabled={state.isRunning}>
              {confirmWords(target.kind === 'NEW', draft)}
            </button>
          )}
        </div>
        {!isReady && <Unseen onEnforce={() => void change()} />}
      </form>
    </>
  );
}

/** What can be done while there is no preview: a person who cannot wait gives the password again. */
function Unseen({ onEnforce }: { readonly onEnforce: () => void }) {
  return (
    <>
      <p className="hint">
        It can be enforced when the preview is there. Without it you need your password, and the brake stops what goes
        too far.
      </p>
      <button type="button" className="danger" onClick={onEnforce}>
        Enforce without the preview
      </button>
    </>
  );
}

function confirmWords(isNew: boolean, { mode, effectiveAt }: BindingDraft): string {
  if (effectiveAt !== '') return isNew ? 'Announce the policy' : 'Announce the change';
  if (mode === 'ENFORCED') return isNew ? 'Bind and enforce' : 'Change and enforce';
  return mode === 'SHADOW' ? (isNew ? 'Bind in shadow' : 'Change to shadow') : isNew ? 'Bind, paused' : 'Pause';
}
