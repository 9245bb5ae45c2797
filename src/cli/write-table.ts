import { measureWidth, padText, truncateText, wrapText } from './text-width.ts';

/** The space between two columns. */
const GAP = '  ';

/** No column is cut below this width: less does not tell one cell from another. */
const WIDTH_MIN = 8;

/** A cell that people copy as a whole: cut, it would be of no use. */
const wholeCell = /^[a-z]+_[0-9a-z]{26}$/;

export interface TableOptions {
  /** How wide the table may be. Null: as wide as its cells are. */
  readonly columns: number | null;
  /** What stands at the end of a text that was cut. */
  readonly ellipsis: string;
}

/**
 * Aligns rows under headings and returns the lines. A table that is too wide is cut: its widest columns first, but no column of
 * ids. A last column without a heading has sentences: these are wrapped.
 */
export function writeTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, ellipsis }: TableOptions,
): string[] {
  const all = [headings, ...rows];
  const natural = headings.map((_, index) => Math.max(...all.map((row) => measureWidth(row[index] ?? ''))));
  const hasSentences = measureWidth(headings.at(-1) ?? '') === 0;
  const isWhole = headings.map((_, index) => rows.length > 0 && rows.every((row) => wholeCell.test(row[index] ?? '')));
  const widths = columns === null ? natural : fitWidths(natural, isWhole, columns);
  return all.flatMap((row) => {
    const cells = row.map((cell, index) => {
      const width = widths[index] ?? 0;
      if (hasSentences && index === headings.length - 1) return wrapText(cell, width);
      return [truncateText(cell, width, ellipsis)];
    });
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((lines, index) => padText(lines[line] ?? '', widths[index] ?? 0))
        .join(GAP)
        .trimEnd(),
    );
  });
}

/** Returns the widths at which a row takes at most `columns`, if that is possible: takes from the widest columns first. */
function fitWidths(natural: readonly number[], isWhole: readonly boolean[], columns: number): number[] {
  const room = columns - GAP.length * (natural.length - 1);
  const widthsAt = (level: number) =>
    natural.map((width, index) => (isWhole[index] === true ? width : Math.min(width, Math.max(level, WIDTH_MIN))));
  const sum = (widths: readonly number[]) => widths.reduce((total, width) => total + width, 0);
  let level = Math.max(...natural);
  while (level > WIDTH_MIN && sum(widthsAt(level)) > room) level -= 1;
  const widths = widthsAt(level);
  // What the last step took too much goes back to the columns that were cut.
  let left = room - sum(widths);
  return widths.map((width, index) => {
    if (left <= 0 || width >= (natural[index] ?? 0)) return width;
    left -= 1;
    return width + 1;
  });
}
