import { z } from 'zod';
import { createFileDeployer, fileSetting, wordSetting } from './deploy-to-file.ts';
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

/** An entry for a machine. */
interface Entry {
  readonly host: Token;
  /** Where its last token ends. */
  to: number;
  login: Token | null;
  password: Token | null;
}

interface Netrc {
  /** The entries above the default entry: programs ignore later ones. */
  readonly entries: readonly Entry[];
  /** Where the default entry begins; null: there is none. */
  readonly defaultAt: number | null;
  /** Whether a macro definition reaches to the end of the text. */
  readonly endsInMacro: boolean;
}

/** The keywords that a value follows. */
const valueKeywords = ['login', 'password', 'account'];

/**
 * The `.netrc` of ftp, curl and git (ftp(1), "THE .netrc FILE"; curl's lib/netrc.c). Hosts and keywords are compared
 * without case. A quote ends on its line. The password is set in the first entry of the login, because programs use
 * only that entry. If the login has no entry, the first entry without a login gets the login and the password.
 */
export const netrcFormat: FileFormat<Machine> = {
  write(currentText, secret, machine) {
    const text = currentText ?? '';
    const { entries, defaultAt, endsInMacro } = readNetrc(text);
    const entry = findEntry(entries, machine);
    if (entry !== undefined) {
      const { host, login, password, to } = entry;
      const end = password ?? { from: to, to };
      return applySplices(text, [
        { from: end.from, to: end.to, text: password === null ? ` password ${secret}` : secret },
        ...(login === null ? [{ from: host.to, to: host.to, text: ` login ${machine.login}` }] : []),
      ]);
    }
    const line = `machine ${machine.host} login ${machine.login} password ${secret}`;
    const lineEnd = detectLineEnd(text);
    if (defaultAt !== null) return applySplices(text, [{ from: defaultAt, to: defaultAt, text: line + lineEnd }]);
    // An empty line ends a macro.
    const above = endsInMacro ? text + (text.endsWith('\n') ? '' : lineEnd) + lineEnd : text;
    return appendLine(above, line);
  },
  read: (text, machine) => findEntry(readNetrc(text).entries, machine)?.password?.value ?? null,
};

const settings = z.strictObject({
  to: z.literal('netrc'),
  file: fileSetting,
  host: wordSetting,
  login: wordSetting,
});

export const netrcDeployer = createFileDeployer(settings, netrcFormat, ({ login, host }) => ` ${login}@${host}`);

function findEntry(entries: readonly Entry[], { host, login }: Machine): Entry | undefined {
  const ofHost = entries.filter((entry) => entry.host.value.toLowerCase() === host.toLowerCase());
  const ofLogin = ofHost.filter((entry) => entry.login?.value === login);
  return (
    ofLogin.find(({ password }) => password !== null) ?? ofLogin[0] ?? ofHost.find((entry) => entry.login === null)
  );
}

function readNetrc(text: string): Netrc {
  const entries: Entry[] = [];
  const tokens = new TokenReader(text);
  let defaultAt: number | null = null;
  for (let token = tokens.next(); token !== null; token = tokens.next()) {
    const keyword = token.value.toLowerCase();
    const entry = entries.at(-1);
    if (keyword === 'macdef') {
      if (!tokens.skipMacro()) return { entries, defaultAt, endsInMacro: true };
    } else if (keyword === 'default') {
      defaultAt ??= token.from;
    } else if (keyword === 'machine' && defaultAt === null) {
      const host = tokens.next();
      if (host !== null) entries.push({ host, to: host.to, login: null, password: null });
    } else if (valueKeywords.includes(keyword)) {
      const value = tokens.next();
      if (value === null || entry === undefined || defaultAt !== null) continue;
      entry.to = value.to;
      if (keyword === 'login' && (entry.login === null || entry.password === null)) entry.login = value;
      if (keyword === 'password') entry.password ??= value;
    }
  }
  return { entries, defaultAt, endsInMacro: false };
}

/** Reads the tokens of a text in order, without comments: a `#` at the start of a token hides the rest of its line. */
class TokenReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token | null {
    this.#skip(/(?:[ \t\n\v\f\r]|#[^\n]*)*/y);
    const from = this.#position;
    const raw = this.#skip(/"(?:\\.|[^"\\\n])*"|"[^\n\r]*|[^ \t\n\v\f\r]+/y);
    if (raw === '') return null;
    const isQuoted = raw.startsWith('"');
    const inner = isQuoted ? raw.replace(/^"((?:\\.|[^"\\])*)"?.*$/s, '$1') : raw;
    return { from, to: this.#position, value: isQuoted ? inner.replaceAll(/\\(.)/g, '$1') : raw };
  }

  /** Skips a macro definition, which an empty line ends. Returns false if there is none. */
  skipMacro(): boolean {
    this.#skip(/[^\n]*/y);
    return this.#skip(/(?:\n(?!\r?\n)[^\n]*)*\n\r?\n/y) !== '';
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const [skipped = ''] = pattern.exec(this.#text) ?? [];
    this.#position += skipped.length;
    return skipped;
  }
}
