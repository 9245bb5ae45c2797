import { z } from 'zod';
import { CommandError, exitStatus } from '../../exit-status.ts';
import { createFileDeployer, fileSetting } from './deploy-to-file.ts';
import { applySplices, appendLine, type FileFormat } from './file-format.ts';

/** An assignment of the variable. */
interface Assignment {
  /** Where its value begins and ends, with quotes. */
  readonly from: number;
  readonly to: number;
  /** The value without quotes. */
  readonly value: string;
  /**
   * Whether a comment follows the closing quote directly. Without quotes, the value needs white space before a comment.
   */
  readonly needsSpace: boolean;
}

/** The part of a line up to `=`. dotenv accepts spaces before `=`, a shell does not. */
const namePattern = /[^\S\r\n]*(?:export[^\S\r\n]+)?([\w.-]+)([^\S\r\n]*)=/y;

/** A value in one of three kinds of quotes, possibly over several lines. */
const quotedPattern = /'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`/y;

/** A word of a shell on one line: quoted and plain parts next to each other (POSIX, "Token Recognition"). */
const wordPattern = /(?:'[^'\r\n]*'|"(?:\\.|[^"\\\r\n])*"|`[^`\r\n]*`|\\[^\r\n]|[^\s;&|<>()'"`\\])+/y;

/** What may follow a quoted value: a comment or the end of the line. */
const endPattern = /[^\S\r\n]*(?:(?=[\r\n#])|$)/y;

/** What only a shell accepts behind a value: the next command, or another assignment of `export`. */
const shellEndPattern = /[^\S\r\n]*(?=;(?:\s|$)|&&\s|\|\|\s)|[^\S\r\n]+(?=[A-Za-z_]\w*=)/y;

/** A value without quotes: up to the end of the line, or to white space and `#`. */
const plainPattern = /(?:[^\s#]|[^\S\r\n]+(?!#)(?=\S)|(?<=\S)#)*/y;

/** A value that a shell takes from a variable or a command. */
const referencePattern = /^("?)\$(?:[A-Za-z_]\w*|\{[^}]*\}|\(.*\))\1$/s;

/**
 * A `.env` file as shells, dotenv and python-dotenv read it. A `#` begins a comment only after white space. Secrets need
 * no quotes, because they consist of letters, digits and `_`. If a name is assigned twice, both values are set.
 */
export const dotenvFormat: FileFormat<{ readonly name: string }> = {
  write(currentText, secret, { name }) {
    const text = currentText ?? '';
    const assignments = findAssignments(text, name);
    if (assignments.length === 0) return appendLine(text, `${name}=${secret}`);
    if (assignments.some(({ from, to }) => referencePattern.test(text.slice(from, to).trim()))) {
      throw new CommandError(
        exitStatus.CONFIG,
        `The value of ${name} is a reference to another variable or command: deploy the secret there, or remove the reference. The file was not changed.`,
      );
    }
    const written = applySplices(
      text,
      assignments.map(({ from, to, needsSpace }) => ({ from, to, text: needsSpace ? `${secret} ` : secret })),
    );
    // Without its quotes the old value may have become a part of another value's quotes.
    return dotenvFormat.read(written, { name }) === secret ? written : appendLine(written, `${name}=${secret}`);
  },
  read: (text, { name }) => findAssignments(text, name).at(-1)?.value ?? null,
};

const settings = z.strictObject({
  to: z.literal('dotenv'),
  file: fileSetting,
  name: z.string().regex(/^[\w.-]+$/),
});

export const dotenvDeployer = createFileDeployer(settings, dotenvFormat, ({ name }) => ` ${name}`);

function findAssignments(text: string, name: string): Assignment[] {
  const assignments: Assignment[] = [];
  for (let at = 0; at < text.length; at = findNextLine(text, at)) {
    const [head, foundName, spaceBefore] = matchAt(namePattern, text, at) ?? [];
    if (head === undefined) continue;
    const assignment = readValue(text, at + head.length, spaceBefore === '');
    if (foundName === name) assignments.push(assignment);
    at = assignment.to;
  }
  return assignments;
}

/** Reads the value behind `=`. A shell accepts no white space before the value: it would run the value as a command. */
function readValue(text: string, start: number, isForShell: boolean): Assignment {
  const from = start + (matchAt(/[^\S\r\n]*/y, text, start)?.[0].length ?? 0);
  const to = findValueEnd(text, from);
  const value = text.slice(from, to).replace(/^(['"`])(.*)\1$/s, '$2');
  const needsSpace = to > from && text[to] === '#';
  return { from: isForShell || to === from ? start : from, to: to === from ? start : to, value, needsSpace };
}

function findValueEnd(text: string, from: number): number {
  const quotedEnd = from + (matchAt(quotedPattern, text, from)?.[0].length ?? 0);
  const isFollowed = (pattern: RegExp, at: number) => at > from && matchAt(pattern, text, at) !== null;
  if (isFollowed(endPattern, quotedEnd) || isFollowed(shellEndPattern, quotedEnd)) return quotedEnd;
  const wordEnd = from + (matchAt(wordPattern, text, from)?.[0].length ?? 0);
  if (isFollowed(shellEndPattern, wordEnd)) return wordEnd;
  return from + (matchAt(plainPattern, text, from)?.[0].length ?? 0);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function findNextLine(text: string, at: number): number {
  return at + (matchAt(/[^\r\n]*(?:\r\n|[\r\n]|$)/y, text, at)?.[0].length ?? 0);
}
