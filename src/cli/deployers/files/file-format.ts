/** How a file format stores a secret. Pure: text in, text out. */
export interface FileFormat<Settings> {
  /**
   * Returns the text with the secret set and everything else unchanged. A null text means that the file does not exist
   * yet.
   *
   * @throws CommandError if the text does not have this format; the message contains nothing of the text.
   */
  write(text: string | null, secret: string, settings: Settings): string;
  /** Returns the secret in the text; null: there is none. */
  read(text: string, settings: Settings): string | null;
}

/** A replacement of a part of a text. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Replaces parts of a text, which must not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((first, second) => second.from - first.from)
    .reduce((whole, { from, to, text: part }) => whole.slice(0, from) + part + whole.slice(to), text);
}

/** Appends a line, with the text's own line end. */
export function appendLine(text: string, line: string): string {
  const end = detectLineEnd(text);
  return `${text}${text === '' || text.endsWith('\n') ? '' : end}${line}${end}`;
}

/** Returns the line end of a text's first line. */
export function detectLineEnd(text: string): '\r\n' | '\n' {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
}
