import { stripVTControlCharacters } from 'node:util';

/** Characters that terminals show in two columns: East_Asian_Width W and F, in the ranges of Node's own inspect(). */
const wide =
  /[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\u3247\u3250-\u4DBF\u4E00-\uA4C6\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6B\uFF01-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{1F200}-\u{1F251}\u{20000}-\u{3FFFD}]/u;
const emoji = /\p{Emoji_Presentation}|\p{Emoji}\uFE0F/u;
const takesNoColumn = /^[\p{Mn}\p{Me}\p{Cc}\p{Cf}]*$/u;
const isPlain = /^[ -~]*$/;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A style sequence, or the text up to the next one. */
// eslint-disable-next-line no-control-regex
const parts = /\u001B\[[\d;]*m|(?:(?!\u001B\[[\d;]*m)[^])+/g;

/** Returns how many columns of a terminal a text takes. Style sequences take none. */
export function measureWidth(text: string): number {
  const shown = stripVTControlCharacters(text);
  if (isPlain.test(shown)) return shown.length;
  let width = 0;
  for (const { segment } of graphemes.segment(shown)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (takesNoColumn.test(grapheme)) return 0;
  return wide.test(grapheme) || emoji.test(grapheme) ? 2 : 1;
}

/** Cuts a text that is wider than `width` columns, and ends it with `mark`. Keeps its style sequences. */
export function truncateText(text: string, width: number, mark: string): string {
  if (measureWidth(text) <= width) return text;
  const room = width - measureWidth(mark);
  if (room < 0) return '';
  let used = 0;
  let isCut = false;
  let cut = '';
  for (const [part] of text.matchAll(parts)) {
    if (part.startsWith('\u001B')) cut += part;
    else {
      for (const { segment } of graphemes.segment(part)) {
        used += isCut ? 0 : graphemeWidth(segment);
        if (!isCut && used > room) {
          isCut = true;
          cut += mark;
        }
        if (!isCut) cut += segment;
      }
    }
  }
  return cut;
}

/** Fills a text up with spaces to `width` columns. */
export function padText(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - measureWidth(text)));
}

/** Breaks a text at its spaces into lines of at most `width` columns; a longer word gets a line of its own. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && measureWidth(line) + 1 + measureWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
