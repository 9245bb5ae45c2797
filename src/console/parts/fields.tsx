import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';

interface Described {
  readonly label: string;
  readonly hint?: ReactNode;
}

/** A labelled field of text, with a hint below it. */
export function TextField({ label, hint, ...input }: Described & InputHTMLAttributes<HTMLInputElement>) {
  const [id, hintId] = [useId(), useId()];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} {...(hint !== undefined && { 'aria-describedby': hintId })} {...input} />
      {hint !== undefined && (
        <p id={hintId} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

/** A labelled field of a text of several lines, with a hint below it. */
export function TextAreaField({ label, hint, ...area }: Described & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const [id, hintId] = [useId(), useId()];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} rows={4} {...(hint !== undefined && { 'aria-describedby': hintId })} {...area} />
      {hint !== undefined && (
        <p id={hintId} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

/** A labelled choice. Its options are the children. */
export function SelectField({ label, hint, children, ...select }: Described & SelectHTMLAttributes<HTMLSelectElement>) {
  const [id, hintId] = [useId(), useId()];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} {...(hint !== undefined && { 'aria-describedby': hintId })} {...select}>
        {children}
      </select>
      {hint !== undefined && (
        <p id={hintId} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

/** A box to tick, with its label beside it. */
export function CheckField({ label, hint, ...input }: Described & InputHTMLAttributes<HTMLInputElement>) {
  const [id, hintId] = [useId(), useId()];
  return (
    <div className="field">
      <label className="check" htmlFor={id}>
        <input id={id} type="checkbox" {...(hint !== undefined && { 'aria-describedby': hintId })} {...input} />
        {label}
      </label>
      {hint !== undefined && (
        <p id={hintId} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

/** Why a form was refused. It stands in the form from the beginning, so that a screen reader reads it when it comes. */
export function FormProblem({ text }: { readonly text: string | null }) {
  return (
    <p className="field-problem" role="alert">
      {text}
    </p>
  );
}
