import type { Writable } from 'node:stream';
import { stripVTControlCharacters, styleText } from 'node:util';

/** Where a command writes: answers to `out`, everything else to `err`. */
export interface Streams {
  readonly out: Writable & { readonly isTTY?: boolean };
  readonly err: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

/** How a command speaks to people and to programs. */
export interface Output {
  /** Whether it speaks to a program: `--json` was given. */
  readonly isJson: boolean;
  /** The answer as one JSON document; for programs alone. */
  json(answer: object): void;
  /** One of many answers, on a line of its own; for programs alone. */
  jsonLine(answer: object): void;
  /** A line of the answer; for people alone. */
  line(text: string): void;
  /** Rows under headings, in columns; for people alone. Of no rows `otherwise`. */
  table(headings: readonly string[], rows: readonly (readonly string[])[], otherwise: string): void;
  /** A line beside the answer, for whoever looks on: never part of the answer. */
  note(text: string): void;
  /** Shows how far something has come, in place; on a terminal alone. Null takes it away. */
  progress(text: string | null): void;
  /** Whether `progress` is shown to anybody. */
  readonly showsProgress: boolean;
  /** A text in a style, where there are colors. */
  style(style: Style, text: string): string;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** Speaks over these streams. Colors are for a terminal, and not where NO_COLOR is set (https://no-color.org). */
export function openOutput({ out, err }: Streams, env: NodeJS.ProcessEnv, isJson: boolean): Output {
  const isColored = out.isTTY === true && (env['NO_COLOR'] ?? '') === '';
  const style = (name: Style, text: string) => (isColored ? styleText(name, text, { validateStream: false }) : text);
  let shown = false;
  const showsProgress = err.isTTY === true && !isJson;
  const progress = (text: string | null) => {
    if (!showsProgress) return;
    if (shown || text !== null) err.write(`\r\u001B[K${text === null ? '' : text.slice(0, (err.columns ?? 80) - 1)}`);
    shown = text !== null;
  };
  const line = (text: string) => {
    if (isJson) return;
    progress(null);
    out.write(`${text}\n`);
  };
  return {
    isJson,
    json(answer) {
      if (isJson) out.write(`${JSON.stringify(answer, null, 2)}\n`);
    },
    jsonLine(answer) {
      if (isJson) out.write(`${JSON.stringify(answer)}\n`);
    },
    line,
    table(headings, rows, otherwise) {
      if (rows.length === 0) return line(otherwise);
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

/** Columns two spaces apart. Control characters of what is shown would move the cursor of whoever looks. */
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

/** A text of somebody else's as one line without control characters, so that it can neither move nor recolor anything. */
export function plainLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
