import { DAY_MS, WEEK_MS } from '../../domain/duration.ts';
import type { Output } from '../output.ts';
import { padText, truncateText } from '../text-width.ts';
import type { StepOption } from './fetch-timeline.ts';

/** The signs of a picture. No two differ only in color. */
export interface Signs {
  /** Bars that rise from the line: keys that stop unless a person acts, few to many. */
  readonly rising: readonly string[];
  /** Bars that hang from the line: keys that renew by themselves, few to many. */
  readonly hanging: readonly string[];
  readonly empty: string;
  readonly frozen: string;
  readonly byHand: string;
  readonly byItself: string;
  readonly ellipsis: string;
}

const unicodeSigns: Signs = {
  rising: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  hanging: ['▔', '▀', '█'],
  empty: '·',
  frozen: '░',
  byHand: '▲',
  byItself: '▽',
  ellipsis: '…',
};

const asciiSigns: Signs = {
  rising: ['.', ':', 'i', 'I', '#'],
  hanging: ["'", 'o', 'O'],
  empty: '-',
  frozen: '~',
  byHand: '^',
  byItself: 'v',
  ellipsis: '...',
};

/** How a picture is laid out on a terminal: a name, the periods, and what the row sums up to. */
export interface PictureFrame {
  readonly signs: Signs;
  readonly nameWidth: number;
  readonly cellWidth: number;
  readonly step: StepOption;
  /** The width of the whole picture. */
  readonly width: number;
  /** How many periods have room. */
  readonly periodsMax: number;
}

/** The width of a picture that is not on a terminal. */
const COLUMNS_DEFAULT = 80;
const NAME_WIDTH_MAX = 24;
/** "  123 by itself": what stands after the periods of a row. */
const SUM_WIDTH = 15;
/** "30 Nov " */
const LABEL_WIDTH = 7;

/** Chooses the step and the widths so that the periods of a time fit beside the names. Days where they fit, else weeks. */
export function choosePictureFrame(
  { columns, isUtf8 }: Pick<Output, 'columns' | 'isUtf8'>,
  { from, to, step }: { readonly from: Date; readonly to: Date; readonly step: StepOption | null },
): PictureFrame {
  const width = columns ?? COLUMNS_DEFAULT;
  const nameWidth = Math.max(8, Math.min(NAME_WIDTH_MAX, Math.floor(width / 4)));
  const room = Math.max(1, width - nameWidth - 1 - SUM_WIDTH);
  // Whole periods cover the time: one more than it is long.
  const countOf = (periodMs: number) => Math.ceil((to.getTime() - from.getTime()) / periodMs) + 1;
  const chosen = step ?? (countOf(DAY_MS) <= room ? 'day' : 'week');
  const cellWidth = Math.max(1, Math.min(6, Math.floor(room / countOf(chosen === 'day' ? DAY_MS : WEEK_MS))));
  const signs = isUtf8 ? unicodeSigns : asciiSigns;
  return { signs, nameWidth, cellWidth, step: chosen, width, periodsMax: Math.floor(room / cellWidth) };
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', timeZone: 'UTC' });

/** Returns the line of dates above a picture: at its beginnings of weeks, as many as have room. */
export function writeDates(frame: PictureFrame, periods: readonly string[]): string {
  let line = '';
  for (const [index, start] of periods.entries()) {
    const at = index * frame.cellWidth;
    const date = new Date(start);
    const isTick = frame.step === 'week' || date.getUTCDay() === 1 || index === 0;
    if (isTick && (line === '' || line.length <= at)) {
      line = `${line.padEnd(at)}${dayFormat.format(date).padEnd(LABEL_WIDTH)}`;
    }
  }
  const end = periods.length * frame.cellWidth;
  return `${' '.repeat(frame.nameWidth + 1)}${line.trimEnd().length > end ? line.slice(0, end) : line}`.trimEnd();
}

/** Returns a row: its name, its cells and what follows them. */
export function writeRow({ nameWidth, signs, width }: PictureFrame, name: string, cells: string, end: string): string {
  const row = `${padText(truncateText(name, nameWidth, signs.ellipsis), nameWidth)} ${cells}${end}`;
  return truncateText(row.trimEnd(), width, signs.ellipsis);
}
