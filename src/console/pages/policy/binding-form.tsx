import { ChipChoice } from '../../parts/chip-choice.tsx';
import { useEffect, useId, useRef, type FormEvent } from 'react';
import { describeDuration, parseDuration } from '../../../domain/duration.ts';
import type { BindingMode } from '../../api/operations.ts';
import { isShortNotice, type BindingDraft } from './binding-draft.ts';
import type { BindingFlowProps, FormRefusal } from './binding-flow-props.ts';
import { ConfigFields } from './config-fields.tsx';
import { isObject, membersOf } from './config-schema.ts';
import { DurationControl } from '../../parts/duration-control.tsx';
import { SelectorField } from './selector-field.tsx';

interface BindingFormProps extends BindingFlowProps {
  readonly draft: BindingDraft;
  readonly refusal: FormRefusal | null;
  readonly onChange: (changed: Partial<BindingDraft>) => void;
  readonly onSubmit: () => void;
}

/** Asks what a binding is to do: its configuration, its keys, whether it is enforced, and from when. */
export function BindingForm(props: BindingFormProps) {
  const { draft, module, versions, refusal, minimumNotice, owners, onChange, onSubmit, children } = props;
  const form = useRef<HTMLFormElement>(null);
  const schema = versions.find(({ hash }) => hash === draft.hash)?.configSchema ?? module?.configSchema;
  const known = isObject(schema) ? schema : {};
  useEffect(() => {
    if (refusal === null) return;
    const find = (selector: string) => form.current?.querySelector<HTMLElement>(selector);
    const invalid = find('[aria-invalid="true"]') ?? find('[role="alert"]');
    invalid?.focus();
  }, [refusal]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form ref={form} className="sheet form binding-form" onSubmit={submit}>
      {refusal !== null && (
        <p className="field-problem" role="alert" tabIndex={-1}>
          {describeRefusal(refusal, known)}
        </p>
      )}
      {children}
      {versions.length > 1 && <VersionField {...props} />}
      <section aria-label="Configuration">
        <h2>Configuration</h2>
        <ConfigFields
          schema={known}
          value={draft.config}
          problems={refusal?.problems ?? []}
          onChange={(config) => onChange({ config })}
        />
      </section>
      <section aria-label="Effect">
        <h2>Effect</h2>
        <SelectorField draft={draft.selector} owners={owners} onChange={(selector) => onChange({ selector })} />
        <ModeField mode={draft.mode} onChange={(mode) => onChange({ mode })} />
        <WhenField draft={draft} onChange={onChange} />
        <NoticeField draft={draft} minimumNotice={minimumNotice} onChange={onChange} />
        <label className="check">
          <input
            type="checkbox"
            checked={draft.followsModule}
            onChange={({ target }) => onChange({ followsModule: target.checked })}
          />
          Moves to new versions of the module by itself
        </label>
      </section>
      <div className="buttons">
        <button type="submit" className="primary">
          Show what changes
        </button>
      </div>
    </form>
  );
}

/** Returns what was refused: the problems that have no field, or else a sentence that points to the fields. */
function describeRefusal({ message, problems }: FormRefusal, schema: Parameters<typeof membersOf>[0]): string {
  const names = new Set(membersOf(schema).map(({ name }) => name));
  const homeless = problems.filter(({ path: [first] }) => first === undefined || !names.has(first));
  if (problems.length === 0) return message;
  if (homeless.length === 0) return 'The gateway does not accept this yet: see the fields below.';
  return homeless.map((problem) => [...problem.path, problem.message].join(': ')).join('; ');
}

function VersionField({ draft, versions, module, onChange }: BindingFormProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Version of the module</label>
      <select
        id={id}
        value={draft.hash ?? ''}
        onChange={({ target }) => onChange({ hash: target.value === '' ? null : target.value })}
      >
        <option value="">as it is now: {module?.version}</option>
        {versions
          .filter(({ hash }) => hash !== module?.hash)
          .map(({ hash, version, isCurrent }) => (
            <option key={hash} value={hash}>
              {version} {hash.slice(0, 12)}
              {isCurrent && ', the current one'}
            </option>
          ))}
      </select>
    </div>
  );
}

const modes = [
  ['ENFORCED', 'Enforced'],
  ['SHADOW', 'Shadow'],
  ['PAUSED', 'Paused'],
] as const;

const modeHints: Readonly<Record<BindingMode, string>> = {
  ENFORCED: 'Its verdicts apply: keys stop because of it. You see first which.',
  SHADOW: 'Its verdicts are shown on the page of each key, and stop nothing.',
  PAUSED: 'It is not evaluated at all.',
};

function ModeField({ mode, onChange }: { readonly mode: BindingMode; readonly onChange: (mode: BindingMode) => void }) {
  return (
    <ChipChoice legend="How it applies" choices={modes} value={mode} onChange={onChange}>
      <p className="hint">{modeHints[mode]}</p>
    </ChipChoice>
  );
}

interface PartProps {
  readonly draft: BindingDraft;
  readonly onChange: (changed: Partial<BindingDraft>) => void;
}

function WhenField({ draft, onChange }: PartProps) {
  const [id, hintId] = [useId(), useId()];
  return (
    <div className="field">
      <label htmlFor={id}>Takes effect (not required)</label>
      <input
        id={id}
        type="datetime-local"
        value={draft.effectiveAt}
        aria-describedby={hintId}
        onChange={({ target }) => onChange({ effectiveAt: target.value })}
      />
      <p className="hint" id={hintId}>
        In your time zone. At once, if you leave this empty. Until then it is announced: the owners of the keys see it,
        and nothing stops.
      </p>
    </div>
  );
}

function NoticeField({ draft, minimumNotice, onChange }: PartProps & { readonly minimumNotice: string }) {
  const [id, hintId, reasonId] = [useId(), useId(), useId()];
  const required = parseDuration(minimumNotice);
  const words = 'ms' in required ? describeDuration(required.ms) : minimumNotice;
  return (
    <>
      <div className="field">
        <label htmlFor={id}>Notice</label>
        <DurationControl
          id={id}
          title="Notice"
          value={draft.noticePeriod}
          isRequired
          isInvalid={false}
          describedBy={hintId}
          onChange={(noticePeriod) => onChange({ noticePeriod: noticePeriod ?? '' })}
        />
        <p className="hint" id={hintId}>
          How far ahead an owner learns of an earlier stop. This realm requires {words}, or a written reason.
        </p>
      </div>
      {isShortNotice(draft.noticePeriod, minimumNotice) && (
        <div className="field">
          <label htmlFor={reasonId}>Why with less notice</label>
          <input
            id={reasonId}
            required
            maxLength={500}
            value={draft.withoutNoticeReason}
            onChange={({ target }) => onChange({ withoutNoticeReason: target.value })}
          />
          <p className="hint">Everyone who may read the realm sees it in the event of this change.</p>
        </div>
      )}
    </>
  );
}
