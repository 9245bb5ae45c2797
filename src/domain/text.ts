import { SECRET_PATTERN } from './secret.ts';

/**
 * What a human text has to satisfy.
 *
 * - `name` is what messages call it
 * - `max` and `min` (1 unless said) count Unicode code points
 * - `multiline` lets in line breaks (LF, CR) and tabs
 * - `mayHoldSecret` lets in the secret of a key, for a text that is kept and told nowhere
 */
export interface TextRule {
  name: string;
  max: number;
  min?: number;
  multiline?: boolean;
  mayHoldSecret?: boolean;
}

/** The longest name and value of a label, in characters. The name's is that of a DNS label (RFC 1035 section 2.3.4). */
export const LABEL_NAME_MAX = 63;
export const LABEL_VALUE_MAX = 256;

/** How much of a refused text a message repeats, in code points. */
const QUOTED_MAX = 40;

const loneSurrogate = /\p{Surrogate}/u;
const control = /[\p{Control}\u2028\u2029]/u;
const controls = new RegExp(control, 'gu');
const controlButLayout = /[^\P{Control}\n\r\t]/u;
/** White space, what Unicode draws as nothing, and the Braille pattern without dots. */
const invisible = /^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u;
const labelName = /^[a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?$/;

/**
 * Why a text that people read (a name, a label's value, a reason) is not acceptable, with what was found and what is
 * expected, or null when it is. Never throws, whatever the string holds.
 */
export function textProblem(value: string, rule: TextRule): string | null {
  const { name, max, min = 1, multiline = false, mayHoldSecret = false } = rule;
  const length = Array.from(value).length;
  if (length < min) return `${name} has ${countCharacters(length)}; at least ${min} is expected`;
  if (length > max) return `${name} has ${countCharacters(length)}; at most ${max} are accepted`;

  const surrogateAt = value.search(loneSurrogate);
  if (surrogateAt >= 0) {
    return `${name} has half of a surrogate pair, ${locateCharacter(value, surrogateAt)}; well-formed Unicode is expected`;
  }
  const controlAt = value.search(multiline ? controlButLayout : control);
  if (controlAt >= 0) {
    const accepted = multiline ? 'of these only line breaks and tabs are accepted' : 'none is accepted';
    return `${name} has a control character, ${locateCharacter(value, controlAt)}; ${accepted}`;
  }
  if (!mayHoldSecret && SECRET_PATTERN.test(value)) {
    return `${name} has the secret of a key in it, which everyone would read; leave it out`;
  }
  if (length > 0 && invisible.test(value)) return `${name} has only white space; something to read is expected`;
  return null;
}

/** Why a label's name is not acceptable, or null. `policy/tier` and `repo` are; `/` gives names a family. */
export function labelNameProblem(name: string): string | null {
  const problem = textProblem(name, { name: 'label name', max: LABEL_NAME_MAX });
  if (problem !== null || labelName.test(name)) return problem;
  return `label name ${quote(name)} is not made of a-z and 0-9, with . _ - / between them, as in policy/tier`;
}

/** Why a label's value is not acceptable, or null. */
export function labelValueProblem(value: string): string | null {
  return textProblem(value, { name: 'label value', max: LABEL_VALUE_MAX });
}

/** What a caller wrote, fit for a message: at most 40 characters, in quotes and escaped when it is not plain. */
export function quote(text: string): string {
  const characters = Array.from(text);
  const start = characters.slice(0, QUOTED_MAX).join('');
  const shown = /^[\w.,:+*/-]+$/.test(start) ? start : JSON.stringify(start).replace(controls, escapeCharacter);
  return characters.length > QUOTED_MAX ? `${shown}…` : shown;
}

/** Pairs that Unicode folds together although no case mapping of one character leads from one to the other. */
const irregularFolds = new Map([
  ['\u{fb05}', '\u{fb06}'],
  ['\u{1fd3}', '\u{0390}'],
  ['\u{1fe3}', '\u{03b0}'],
  ['\u{0131}', '\u{0131}'], // dotless i: its upper case is I, whose lower case is another letter
]);

/**
 * Unicode's simple case folding (CaseFolding.txt, status C and S): two texts that differ in case alone fold to the same
 * text. Each character folds by itself, wherever it stands and whatever the machine's language, so a folded part is the
 * part of the folded whole.
 */
export function foldCase(text: string): string {
  return /^\p{ASCII}*$/u.test(text) ? text.toLowerCase() : Array.from(text, foldCharacter).join('');
}

function foldCharacter(character: string): string {
  const apart = irregularFolds.get(character);
  if (apart !== undefined) return apart;
  const upper = ifSingleCharacter(character.toUpperCase(), character);
  return ifSingleCharacter(upper.toLowerCase(), character);
}

function ifSingleCharacter(mapped: string, character: string): string {
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
