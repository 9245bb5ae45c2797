/** A line of name=value, as it is typed. */
export interface NameValueLine {
  readonly line: string;
  readonly name: string;
  readonly value: string;
}

/** Reads lines of name=value. Empty lines are left out; a line without a value has an empty one. */
export function readNameValues(lines: string): readonly NameValueLine[] {
  return splitLines(lines).map((line) => {
    const [name = '', ...rest] = line.split('=');
    return { line, name: name.trim(), value: rest.join('=').trim() };
  });
}

/** Returns the lines of a text that have more than white space, without the white space around them. */
export function splitLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Returns what is wrong with lines of name=value, for people; null: each has both. */
export function findLineProblem(lines: string): string | null {
  const wrong = readNameValues(lines).find(({ name, value }) => name === '' || value === '');
  return wrong === undefined ? null : `found “${wrong.line}”; expected name=value in each line`;
}
