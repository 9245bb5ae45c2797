import type { Writable } from 'node:stream';
import { stripVTControlCharacters, styleText } from 'node:util';

/** The streams of a command: results go to `out`, everything else to `err`. */
export interface Streams {
  readonly out: Writable & { readonly isTTY?: boolean };
  readonly err: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

/** Writes a command's results, for people or (with `--json`) for programs. */
export interface Output {
  /** Whether `--json` was given. */
  readonly isJson: boolean;
  /** Writes the result as one JSON document. Does nothing without `--json`. */
  json(result: object): void;
  /** Writes one of several results as JSON on a line of its own. Does nothing without `--json`. */
  jsonLine(result: object): void;
  /** Writes a line of the result. Does nothing with `--json`. */
  line(text: string): void;
  /** Writes rows in columns under headings, or `emptyText` if there are none. Does nothing with `--json`. */
  table(headings: readonly string[], rows: readonly (readonly string[])[], emptyText: string): void;
  /** Writes a line to standard error, which is never part of the result. */
  note(text: string): void;
  /**
   * Shows progress on a single terminal line; null clears it. Does nothing where standard error is not a terminal, or
   * with `--json`.
   */
  progress(text: string | null): void;
  /** Whether `progress` shows anything. */
  readonly showsProgress: boolean;
  /** Styles a text if colors are enabled. */
  style(style: Style, text: string): string;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/**
 * Opens an output on these streams. Colors are used only on a terminal, and not if NO_COLOR is set
 * (https://no-color.org).
 */
export function openOutput({ out, err }: Streams, env: NodeJS.ProcessEnv, isJson: boolean): Output {
  const isColored = out.isTTY === true && (env['NO_COLOR'] ?? '') === '';
  const style = (name: Style, text: string) => (isColored ? styleText(name, text, { validateStream: false }) : text);
  let isProgressShown = false;
  const showsProgress = err.isTTY === true && !isJson;
  const progress = (text: string | null) => {
    if (!showsProgress) return;
    if (isProgressShown || text !== null)
      err.write(`\r\u001B[K${text === null ? '' : text.slice(0, (err.columns ?? 80) - 1)}`);
    isProgressShown = text !== null;
  };
  const line = (text: string) => {
    if (isJson) return;
    progress(null);
    out.write(`${text}\n`);
  };
  return {
    isJson,
    json(result) {
      if (isJson) out.write(`${JSON.stringify(result, null, 2)}\n`);
    },
    jsonLine(result) {
      if (isJson) out.write(`${JSON.stringify(result)}\n`);
    },
    line,
    table(headings, rows, emptyText) {
      if (rows.length === 0) return line(emptyText);
      for (const row of alignColumns([headings.map((heading) => style('bold', heading)), ...rows])) line(row);
    },
    note(text) {
      progress(null);
      err.write(`${text}\n`);
    },
    progress,
    showsProgress,
    style,
  };
}

/** Aligns cells in columns, two spaces apart. Style sequences do not count towards a cell's width. */
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, measureWidth(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - measureWidth(cell)))
      .join('  ')
      .trimEnd(),
  );
}

function measureWidth(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}

/**
 * Turns an untrusted text into one line without control and format characters, so that it cannot move the cursor or
 * change colors.
 */
export function plainLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
