/** How a secret stands in a file of some format. Pure: texts in, texts out. */
export interface FileFormat<Settings> {
  /**
   * The text with the secret in its place, and everything else as it was. A text of null is a file that is not there yet.
   *
   * @throws CommandError when the text is none of the format; nothing of it is in the message.
   */
  write(text: string | null, secret: string, settings: Settings): string;
  /** The secret that stands there; null: none does. */
  read(text: string, settings: Settings): string | null;
}

/** A change of one part of a text. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A text with some parts replaced; they do not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((one, other) => other.from - one.from)
    .reduce((whole, { from, to, text: part }) => whole.slice(0, from) + part + whole.slice(to), text);
}

/** A text with a line more at its end, in the line ends that it has. */
export function appendLine(text: string, line: string): string {
  const end = detectLineEnd(text);
  return `${text}${text === '' || text.endsWith('\n') ? '' : end}${line}${end}`;
}

/** The line end of a text: that of its first line. */
export function detectLineEnd(text: string): '\r\n' | '\n' {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
}
