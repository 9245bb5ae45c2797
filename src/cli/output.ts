import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { isUtf8Locale } from './is-utf8-locale.ts';
import { truncateText } from './text-width.ts';
import { writeTable } from './write-table.ts';

/** The streams of a command: results go to `out`, everything else to `err`. */
export interface Streams {
  readonly out: Writable & { readonly isTTY?: boolean; readonly columns?: number };
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
  /**
   * Writes rows in columns under headings, or `emptyText` if there are none; on a terminal they fit its width. Does nothing
   * with `--json`.
   */
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
  /** How many columns the terminal has. Null: standard output is not a terminal. */
  readonly columns: number | null;
  /** Whether the terminal shows characters beyond ASCII. */
  readonly isUtf8: boolean;
  /** Styles a text if colors are enabled. */
  style(style: Style, text: string): string;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** The width of a terminal that does not say how wide it is. */
const COLUMNS_DEFAULT = 80;

/**
 * Opens an output on these streams. Colors are used only on a terminal, and not if NO_COLOR is set
 * (https://no-color.org).
 */
export function openOutput({ out, err }: Streams, env: NodeJS.ProcessEnv, isJson: boolean): Output {
  const isColored = out.isTTY === true && (env['NO_COLOR'] ?? '') === '';
  const style = (name: Style, text: string) => (isColored ? styleText(name, text, { validateStream: false }) : text);
  const isUtf8 = isUtf8Locale(env);
  const ellipsis = isUtf8 ? '…' : '...';
  const columns = out.isTTY === true ? (out.columns ?? COLUMNS_DEFAULT) : null;
  let isProgressShown = false;
  const showsProgress = err.isTTY === true && !isJson;
  const progress = (text: string | null) => {
    if (!showsProgress) return;
    if (isProgressShown || text !== null)
      err.write(`\r\u001B[K${text === null ? '' : truncateText(text, (err.columns ?? COLUMNS_DEFAULT) - 1, ellipsis)}`);
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
      const bold = headings.map((heading) => (heading === '' ? '' : style('bold', heading)));
      for (const row of writeTable(bold, rows, { columns, ellipsis })) line(row);
    },
    note(text) {
      progress(null);
      err.write(`${text}\n`);
    },
    progress,
    showsProgress,
    columns,
    isUtf8,
    style,
  };
}

/**
 * Turns an untrusted text into one line without control and format characters, so that it cannot move the cursor or
 * change colors.
 */
export function plainLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
