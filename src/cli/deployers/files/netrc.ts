import { detectLineEnd, applySplices, appendLine, type FileFormat } from './file-format.ts';

/** The host and the login of a password. */
interface Machine {
  readonly host: string;
  readonly login: string;
}

/** A token of the file: a word, or a quoted text as in curl. */
interface Token {
  readonly from: number;
  readonly to: number;
  readonly value: string;
}

/** An entry for a machine, or the default entry (host null). */
interface Entry {
  readonly host: string | null;
  readonly from: number;
  /** Where its last token ends. */
  to: number;
  login: Token | null;
  password: Token | null;
}

/**
 * The `.netrc` of ftp, curl and git (ftp(1), "THE .netrc FILE"). Sets the first matching entry, because only that is
 * used.
 */
export const netrcFormat: FileFormat<Machine> = {
  write(currentText, secret, machine) {
    const text = currentText ?? '';
    const entries = readEntries(text);
    const entry = entries.find((entry) => isForMachine(entry, machine));
    if (entry?.password) return applySplices(text, [{ ...entry.password, text: secret }]);
    if (entry) return applySplices(text, [{ from: entry.to, to: entry.to, text: ` password ${secret}` }]);
    const line = `machine ${machine.host} login ${machine.login} password ${secret}`;
    // Entries after the default entry are ignored, so insert before it.
    const defaultEntry = entries.find(({ host }) => host === null);
    if (defaultEntry === undefined) return appendLine(text, line);
    return applySplices(text, [{ from: defaultEntry.from, to: defaultEntry.from, text: line + detectLineEnd(text) }]);
  },
  read: (text, machine) => readEntries(text).find((entry) => isForMachine(entry, machine))?.password?.value ?? null,
};

function isForMachine({ host, login }: Entry, machine: Machine): boolean {
  return host === machine.host && (login === null || login.value === machine.login);
}

function readEntries(text: string): Entry[] {
  const entries: Entry[] = [];
  const word = /"(?:\\.|[^"\\])*"|\S+/gy;
  const space = /\s*/gy;
  let position = 0;
  const next = (): Token | null => {
    space.lastIndex = position;
    space.exec(text);
    word.lastIndex = space.lastIndex;
    const from = word.lastIndex;
    const [raw] = word.exec(text) ?? [];
    if (raw === undefined) return null;
    position = from + raw.length;
    return { from, to: position, value: raw.startsWith('"') ? raw.slice(1, -1).replaceAll(/\\(.)/g, '$1') : raw };
  };
  for (let token = next(); token !== null; token = next()) {
    const entry = entries.at(-1);
    if (token.value.startsWith('#')) {
      position = findEnd(text, /\n|$/g, token.to);
    } else if (token.value === 'macdef') {
      // A macro definition ends at an empty line.
      position = findEnd(text, /\n[^\S\n]*\r?\n|$/g, token.to);
    } else if (token.value === 'default') {
      entries.push({ host: null, from: token.from, to: token.to, login: null, password: null });
    } else {
      const value = next();
      if (value === null) break;
      if (token.value === 'machine') {
        entries.push({ host: value.value, from: token.from, to: value.to, login: null, password: null });
      } else if (entry !== undefined) {
        entry.to = value.to;
        if (token.value === 'login') entry.login = value;
        if (token.value === 'password') entry.password = value;
      }
    }
  }
  return entries;
}

function findEnd(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  pattern.exec(text);
  return Math.max(from, pattern.lastIndex);
}
