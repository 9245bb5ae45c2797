import { readFile } from 'node:fs/promises';

/** The longest documentation that is shown, in characters. */
const DOCUMENTATION_MAX = 10_000;

/** The first comment of a file, if the file begins with it. */
const firstComment = /^\s*\/\*\*(.*?)\*\//s;

/**
 * Returns what the author of a module wrote about it for operators: the comment with which its file begins, without the marks of a
 * comment. Null: the file begins with none, or cannot be read.
 */
export async function readDocumentation(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const comment = firstComment.exec(text)?.[1];
  if (comment === undefined) return null;
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  return lines.join('\n').trim().slice(0, DOCUMENTATION_MAX).toWellFormed();
}
