import { detectLineEnd, applySplices, appendLine, type FileFormat } from './file-format.ts';

/** Whose password it is. */
interface Machine {
  readonly host: string;
  readonly login: string;
}

/** A piece of the file that is no space: a word, or one in quotes as curl has it. */
interface Token {
  readonly from: number;
  readonly to: number;
  readonly value: string;
}

/** An entry: for one machine, or for all others (null). */
interface Entry {
  readonly host: string | null;
  readonly from: number;
  /** Where its last word ends. */
  to: number;
  login: Token | null;
  password: Token | null;
}

/** The `.netrc` of ftp, curl and git (ftp(1), "THE .netrc FILE"). The first entry that fits counts, so only that is set. */
export const netrcFormat: FileFormat<Machine> = {
  write(given, secret, machine) {
    const text = given ?? '';
    const entries = readEntries(text);
    const entry = entries.find((entry) => isForMachine(entry, machine));
    if (entry?.password) return applySplices(text, [{ ...entry.password, text: secret }]);
    if (entry) return applySplices(text, [{ from: entry.to, to: entry.to, text: ` password ${secret}` }]);
    const line = `machine ${machine.host} login ${machine.login} password ${secret}`;
    // After the entry for all others none is looked at.
    const others = entries.find(({ host }) => host === null);
    if (others === undefined) return appendLine(text, line);
    return applySplices(text, [{ from: others.from, to: others.from, text: line + detectLineEnd(text) }]);
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
  let at = 0;
  const next = (): Token | null => {
    space.lastIndex = at;
    space.exec(text);
    word.lastIndex = space.lastIndex;
    const from = word.lastIndex;
    const [raw] = word.exec(text) ?? [];
    if (raw === undefined) return null;
    at = from + raw.length;
    return { from, to: at, value: raw.startsWith('"') ? raw.slice(1, -1).replaceAll(/\\(.)/g, '$1') : raw };
  };
  for (let token = next(); token !== null; token = next()) {
    const entry = entries.at(-1);
    if (token.value.startsWith('#')) {
      at = findEnd(text, /\n|$/g, token.to);
    } else if (token.value === 'macdef') {
      // A macro goes on to an empty line, whatever is in it.
      at = findEnd(text, /\n[^\S\n]*\r?\n|$/g, token.to);
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
