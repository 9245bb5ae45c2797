/** A piece of a line: plain text, code or emphasis. */
export interface TextPiece {
  readonly kind: 'TEXT' | 'CODE' | 'STRONG';
  readonly text: string;
}

/** A block of a text in a small part of Markdown. */
export type TextBlock =
  | { readonly kind: 'PARAGRAPH' | 'HEADING'; readonly pieces: readonly TextPiece[] }
  | { readonly kind: 'LIST'; readonly items: readonly (readonly TextPiece[])[] }
  | { readonly kind: 'CODE'; readonly text: string };

const marks = /(`[^`\n]+`|\*\*[^*\n]+\*\*)/;

/**
 * Reads a text as paragraphs, headings, lists, blocks of code, code within a line and emphasis. Everything else stays text, marks
 * included: links, images and HTML too.
 */
export function readText(text: string): TextBlock[] {
  const blocks: TextBlock[] = [];
  let lines: string[] = [];
  const endBlock = () => {
    if (lines.length > 0) blocks.push(blockOf(lines));
    lines = [];
  };
  let code: string[] | null = null;
  for (const line of text.split('\n')) {
    if (/^\s*```/.test(line)) {
      if (code === null) endBlock();
      else blocks.push({ kind: 'CODE', text: code.join('\n') });
      code = code === null ? [] : null;
    } else if (code !== null) code.push(line);
    else if (line.trim() === '') endBlock();
    else if (/^#{1,6} /.test(line)) {
      endBlock();
      blocks.push({ kind: 'HEADING', pieces: readPieces(line.replace(/^#+ +/, '')) });
    } else if (isItem(line) !== isItem(lines[0] ?? line) && !/^\s/.test(line)) {
      // A list follows a paragraph, or a paragraph a list, without an empty line between them.
      endBlock();
      lines.push(line);
    } else lines.push(line);
  }
  endBlock();
  if (code !== null) blocks.push({ kind: 'CODE', text: code.join('\n') });
  return blocks;
}

function blockOf(lines: readonly string[]): TextBlock {
  if (!isItem(lines[0] ?? ''))
    return { kind: 'PARAGRAPH', pieces: readPieces(lines.map((line) => line.trim()).join(' ')) };
  const items: string[] = [];
  for (const line of lines) {
    if (isItem(line)) items.push(line.replace(/^\s*[-*] +/, ''));
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  return { kind: 'LIST', items: items.map(readPieces) };
}

function isItem(line: string): boolean {
  return /^\s*[-*] +\S/.test(line);
}

function readPieces(line: string): TextPiece[] {
  return line
    .split(marks)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (piece.length > 2 && piece.startsWith('`') && piece.endsWith('`'))
        return { kind: 'CODE', text: piece.slice(1, -1) };
      if (piece.length > 4 && piece.startsWith('**') && piece.endsWith('**'))
        return { kind: 'STRONG', text: piece.slice(2, -2) };
      return { kind: 'TEXT', text: piece };
    });
}
