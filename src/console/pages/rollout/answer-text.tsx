import { TextAreaField } from '../../parts/fields.tsx';
import { ANSWER_CHARACTERS } from './rollout-limits.ts';

interface AnswerTextProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The field for what an owner writes. */
export function AnswerText({ onChange, ...field }: AnswerTextProps) {
  return (
    <TextAreaField
      {...field}
      required
      maxLength={ANSWER_CHARACTERS}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}
