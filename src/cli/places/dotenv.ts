import { applySplices, appendLine, type FileFormat } from './file-format.ts';

/** A line `NAME=value`, the value in quotes of three kinds, over lines too, or plain up to a comment; as dotenv 17 reads it. */
const assignmentPattern =
  /^[^\S\r\n]*(?:export[^\S\r\n]+)?([\w.-]+)[^\S\r\n]*=[^\S\r\n]*('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\r\n]*)/dgm;

/** A `.env` file. Secrets are letters, digits and `_`, so that they need no quotes; of a name that is there twice both are set. */
export const dotenvFormat: FileFormat<{ readonly name: string }> = {
  write(text, secret, { name }) {
    const found = findAssignments(text ?? '', name);
    if (found.length === 0) return appendLine(text ?? '', `${name}=${secret}`);
    return applySplices(
      text ?? '',
      found.map(({ from, to }) => ({ from, to, text: secret })),
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
