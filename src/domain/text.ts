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

/** How much of a refused text a message quotes, in code points. */
const QUOTED_MAX = 40;

/** Printable ASCII, as most texts are: each character is one code point, and none is a control or half of a pair. */
const printable = /^[ -~]*$/;
const loneSurrogate = /\p{Surrogate}/u;
const control = /[\p{Control}\u2028\u2029]/u;
const controls = new RegExp(control, 'gu');
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

/** Quotes a caller's text for a message: at most 40 code points, in quotation marks and escaped unless it is plain. */
export function quote(text: string): string {
  const characters = Array.from(text);
  const start = characters.slice(0, QUOTED_MAX).join('');
  const quoted = /^[\w.,:+*/-]+$/.test(start) ? start : JSON.stringify(start).replace(controls, escapeCharacter);
  return characters.length > QUOTED_MAX ? `${quoted}…` : quoted;
}

/** Characters that Unicode folds in a way that no case mapping of a single character leads to. */
const irregularFolds = new Map([
  ['\u{fb05}', '\u{fb06}'],
  ['\u{1fd3}', '\u{0390}'],
  ['\u{1fe3}', '\u{03b0}'],
  ['\u{0131}', '\u{0131}'], // dotless i: its upper case is I, whose lower case is a different letter
]);

/**
 * Folds a text by Unicode's simple case folding (CaseFolding.txt, status C and S): two texts that differ only in case fold to the
 * same text. Each character folds independently of its neighbours and of the machine's locale, so that a part of a text folds to
 * the same part of the folded text.
 */
export function foldCase(text: string): string {
  return /^\p{ASCII}*$/u.test(text) ? text.toLowerCase() : Array.from(text, foldCharacter).join('');
}

function foldCharacter(character: string): string {
  const irregular = irregularFolds.get(character);
  if (irregular !== undefined) return irregular;
  const upper = takeIfSingle(character.toUpperCase(), character);
  return takeIfSingle(upper.toLowerCase(), character);
}

/** Returns the mapped text if it is one character; else the character itself. */
function takeIfSingle(mapped: string, character: string): string {
  return Array.from(mapped).length === 1 ? mapped : character;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function locateCharacter(value: string, index: number): string {
  const code = (value.codePointAt(index) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${code} at character ${Array.from(value.slice(0, index)).length + 1}`;
}

function countCharacters(length: number): string {
  return length === 1 ? '1 character' : `${length} characters`;
}
