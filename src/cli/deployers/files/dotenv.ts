import { applySplices, appendLine, type FileFormat } from './file-format.ts';

/**
 * A line `NAME=value` as dotenv 17 reads it: the value in one of three kinds of quotes, possibly over several lines, or
 * plain up to a comment.
 */
const assignmentPattern =
  /^[^\S\r\n]*(?:export[^\S\r\n]+)?([\w.-]+)[^\S\r\n]*=[^\S\r\n]*('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\r\n]*)/dgm;

/**
 * A `.env` file. Secrets need no quotes, because they consist of letters, digits and `_`. If a name is assigned twice,
 * both values are set.
 */
export const dotenvFormat: FileFormat<{ readonly name: string }> = {
  write(text, secret, { name }) {
    const assignments = findAssignments(text ?? '', name);
    if (assignments.length === 0) return appendLine(text ?? '', `${name}=${secret}`);
    return applySplices(
      text ?? '',
      assignments.map(({ from, to }) => ({ from, to, text: secret })),
    );
  },
  read: (text, { name }) => findAssignments(text, name).at(-1)?.value ?? null,
};

function findAssignments(text: string, name: string) {
  return [...text.matchAll(assignmentPattern)]
    .filter((match) => match[1] === name)
    .map((match) => {
      const raw = (match[2] ?? '').trimEnd();
      const from = match.indices?.[2]?.[0] ?? 0;
      return { from, to: from + raw.length, value: raw.replace(/^(['"`])(.*)\1$/s, '$2') };
    });
}
