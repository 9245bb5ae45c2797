import { quote } from './quote.ts';
import { containsSecret } from './secret.ts';

/**
 * The rule that a text for people must satisfy.
 *
 * - `name` is the text's name in messages
 * - `max` and `min` (default 1) count Unicode code points
 * - `multiline` accepts line breaks (LF, CR) and tabs
 * - `mayHoldSecret` accepts the secret of a key, for a text that is neither stored nor shown
 */
export interface TextRule {
  name: string;
  max: number;
  min?: number;
  multiline?: boolean;
  mayHoldSecret?: boolean;
}

/** The longest name and the longest value of a label, in code points. The name's limit is that of a DNS label (RFC 1035, section 2.3.4). */
export const LABEL_NAME_MAX = 63;
export const LABEL_VALUE_MAX = 256;

/** Printable ASCII, as most texts are: each character is one code point, and none is a control or half of a pair. */
const printable = /^[ -~]*$/;
const loneSurrogate = /\p{Surrogate}/u;
const control = /[\p{Control}\u2028\u2029]/u;
const controlButLayout = /[^\P{Control}\n\r\t]/u;
/** Only white space, code points that Unicode displays as nothing, or the Braille pattern without dots. */
const invisible = /^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u;
const labelName = /^[a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?$/;

/**
 * Returns why a text for people (a name, a label's value, a reason) is not acceptable, with what was found and what is expected;
 * null: it is acceptable. Never throws, whatever the string contains.
 */
export function textProblem(value: string, rule: TextRule): string | null {
  const { name, max, min = 1, multiline = false, mayHoldSecret = false } = rule;
  const isPrintable = printable.test(value);
  const length = isPrintable ? value.length : Array.from(value).length;
  if (length < min) return `${name} has ${countCharacters(length)}; expected at least ${min}`;
  if (length > max) return `${name} has ${countCharacters(length)}; at most ${max} are accepted`;

  const surrogateAt = isPrintable ? -1 : value.search(loneSurrogate);
  if (surrogateAt >= 0) {
    return `${name} has half of a surrogate pair, ${locateCharacter(value, surrogateAt)}; expected well-formed Unicode`;
  }
  const controlAt = isPrintable ? -1 : value.search(multiline ? controlButLayout : control);
  if (controlAt >= 0) {
    const accepted = multiline ? 'only line breaks and tabs are accepted' : 'none is accepted';
    return `${name} has a control character, ${locateCharacter(value, controlAt)}; ${accepted}`;
  }
  if (!mayHoldSecret && containsSecret(value)) {
    return `${name} contains the secret of a key, which others would read; remove it`;
  }
  if (length > 0 && invisible.test(value)) return `${name} has only white space; expected visible characters`;
  return null;
}

/** Returns why a label's name is not acceptable; null: it is, like `policy/tier` and `repo`. A `/` groups names. */
export function labelNameProblem(name: string): string | null {
  const problem = textProblem(name, { name: 'label name', max: LABEL_NAME_MAX });
  if (problem !== null || labelName.test(name)) return problem;
  return `found label name ${quote(name)}; expected a-z and 0-9, with . _ - / between them, such as policy/tier`;
}

/** Returns why a label's value is not acceptable; null: it is acceptable. */
export function labelValueProblem(value: string): string | null {
  return textProblem(value, { name: 'label value', max: LABEL_VALUE_MAX });
}

function locateCharacter(value: string, index: number): string {
  const code = (value.codePointAt(index) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${code} at character ${Array.from(value.slice(0, index)).length + 1}`;
}

function countCharacters(length: number): string {
  return length === 1 ? '1 character' : `${length} characters`;
}
