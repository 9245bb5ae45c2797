import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { TextAreaField, TextField } from '../../parts/fields.tsx';
import { useNow } from '../../parts/use-now.ts';
import type { FormRefusal } from '../policy/binding-flow-props.ts';
import { ConfigFields } from '../policy/config-fields.tsx';
import { isObject } from '../policy/config-schema.ts';
import type { OwnerNames } from '../policy/policy-query.ts';
import { SelectorField } from '../policy/selector-field.tsx';
import {
  BUDGET_OWNERS_MAX,
  EXPLANATION_CHARACTERS,
  REPLACEMENT_CHARACTERS,
  TITLE_CHARACTERS,
} from './rollout-limits.ts';
import type { ChangeTarget, RolloutDraft } from './rollout-draft.ts';
import { SealField } from './seal-field.tsx';
import { problemOfStages } from './stage-draft.ts';
import { StagesField } from './stages-field.tsx';

interface ProposalFormProps {
  readonly target: ChangeTarget | null;
  readonly schema: unknown;
  readonly noticeMs: number;
  readonly owners: OwnerNames;
  readonly draft: RolloutDraft;
  readonly refusal: FormRefusal | null;
  readonly onChange: (changed: Partial<RolloutDraft>) => void;
  readonly onSubmit: () => void;
  /** The fields that choose what changes. */
  readonly children: ReactNode;
}

/** Asks what changes, why, and in which stages. */
export function ProposalForm(props: ProposalFormProps) {
  const { target, schema, noticeMs, owners, draft, refusal, onChange, onSubmit, children } = props;
  const form = useRef<HTMLFormElement>(null);
  const now = useNow();
  const [stageProblem, setStageProblem] = useState<string | null>(null);
  useEffect(() => {
    if (refusal === null) return;
    const find = (selector: string) => form.current?.querySelector<HTMLElement>(selector);
    (find('[aria-invalid="true"]') ?? find('[role="alert"]'))?.focus();
  }, [refusal]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problem = problemOfStages(draft.stages, noticeMs, now);
    setStageProblem(problem);
    if (problem === null) onSubmit();
    else document.getElementById('stages')?.scrollIntoView();
  };
  return (
    <form ref={form} className="sheet form binding-form" onSubmit={submit}>
      {refusal !== null && (
        <p className="field-problem" role="alert" tabIndex={-1}>
          {refusal.message}
        </p>
      )}
      {children}
      {target !== null && target.kind !== 'UNBIND' && (
        // Another configuration has other fields.
        <section key={Object.values(target).join(' ')} aria-label="Configuration">
          <h2>Configuration</h2>
          <ConfigFields
            schema={isObject(schema) ? schema : {}}
            value={draft.config}
            problems={refusal?.problems ?? []}
            onChange={(config) => onChange({ config })}
          />
          <SelectorField draft={draft.selector} owners={owners} onChange={(selector) => onChange({ selector })} />
        </section>
      )}
      <TextFields draft={draft} onChange={onChange} />
      <StagesField
        stages={draft.stages}
        noticeMs={noticeMs}
        problem={stageProblem}
        onChange={(stages) => onChange({ stages })}
      />
      <BudgetFields draft={draft} onChange={onChange} />
      {target !== null && (
        <div className="buttons">
          <button type="submit" className="primary">
            Show what changes
          </button>
        </div>
      )}
    </form>
  );
}

type PartProps = Pick<ProposalFormProps, 'draft' | 'onChange'>;

/** What owners read. */
function TextFields({ draft, onChange }: PartProps) {
  return (
    <section aria-labelledby="texts">
      <h2 id="texts">What owners read</h2>
      <TextField
        label="Title"
        required
        maxLength={TITLE_CHARACTERS}
        value={draft.title}
        hint="What changes, such as “Keys that are unused for 180 days end”."
        onChange={({ target }) => onChange({ title: target.value })}
      />
      <TextAreaField
        label="Why, and what owners can do"
        required
        rows={6}
        maxLength={EXPLANATION_CHARACTERS}
        value={draft.explanation}
        hint="All whose keys it touches read it, as it is written."
        onChange={({ target }) => onChange({ explanation: target.value })}
      />
      <TextField
        label="What they can use instead (not required)"
        maxLength={REPLACEMENT_CHARACTERS}
        value={draft.replacement}
        hint="For keys that stop, such as “A token of your CI”."
        onChange={({ target }) => onChange({ replacement: target.value })}
      />
      <SealField text={draft.sealedText} onChange={(sealedText) => onChange({ sealedText })} />
    </section>
  );
}

/** How much the rollout may break. */
function BudgetFields({ draft, onChange }: PartProps) {
  return (
    <section aria-labelledby="budget">
      <h2 id="budget">Budget</h2>
      <p className="hint">
        When more owners break than this, the rollout stops itself and undoes its last stage. A few, so that one broken
        job of one owner does not end it; for a large realm also a share of the consumers of the cohort, if that is
        more.
      </p>
      <div className="two">
        <TextField
          label="Owners that may break"
          type="number"
          min={0}
          max={BUDGET_OWNERS_MAX}
          step={1}
          required
          value={draft.budgetOwners}
          onChange={({ target }) => onChange({ budgetOwners: target.value })}
        />
        <TextField
          label="Or per cent of consumers (not required)"
          type="number"
          min={0}
          max={100}
          step="any"
          value={draft.budgetPercent}
          onChange={({ target }) => onChange({ budgetPercent: target.value })}
        />
      </div>
    </section>
  );
}
