import { z } from 'zod';
import { CommandError, exitStatus } from '../../exit-status.ts';
import { serviceUrl } from '../../service-url.ts';
import { createFileDeployer, fileSetting } from './deploy-to-file.ts';
import { applySplices, appendLine, detectLineEnd, type FileFormat } from './file-format.ts';

/** A setting above all sections. */
interface Setting {
  readonly name: string;
  /** Where its value begins and ends, with quotes. */
  readonly from: number;
  readonly to: number;
  readonly value: string;
}

/**
 * npm's `.npmrc`: `//host/path/:_authToken=…` of a registry (docs.npmjs.com, npmrc, "Auth related configuration"), as
 * the package `ini` 6 reads it. npm ignores everything below the first `[section]`. If a setting occurs twice, both
 * values are set.
 */
export const npmrcFormat: FileFormat<{ readonly registry: string }> = {
  write(currentText, secret, { registry }) {
    const text = currentText ?? '';
    const { settings, sectionAt } = readSettings(text);
    const name = buildSettingName(registry);
    const matches = settings.filter((setting) => setting.name === name);
    if (matches.some(({ value }) => environmentPattern.test(value))) {
      throw new CommandError(
        exitStatus.CONFIG,
        'npm reads the token of this registry from an environment variable: deploy the secret there, or remove the setting. The file was not changed.',
      );
    }
    if (matches.length > 0) {
      return applySplices(
        text,
        matches.map(({ from, to }) => ({ from, to, text: secret })),
      );
    }
    const line = `${name}=${secret}`;
    if (sectionAt === null) return appendLine(text, line);
    return applySplices(text, [{ from: sectionAt, to: sectionAt, text: line + detectLineEnd(text) }]);
  },
  read(text, { registry }) {
    const name = buildSettingName(registry);
    return readSettings(text).settings.findLast((setting) => setting.name === name)?.value ?? null;
  },
};

const settings = z.strictObject({ to: z.literal('npmrc'), file: fileSetting, registry: serviceUrl });

export const npmrcDeployer = createFileDeployer(settings, npmrcFormat, ({ registry }) => ` ${registry}`);

/** A reference that npm replaces by an environment variable; a backslash before it makes it text. */
const environmentPattern = /(?<!\\)(?:\\\\)*\$\{[^${}]+\}/;

/** Builds the name of a registry's setting: its URL without scheme, with a slash at the end. */
function buildSettingName(registry: string): string {
  const { host, pathname } = new URL(registry);
  return `//${host}${pathname.replace(/\/*$/, '/')}:_authToken`;
}

/** Reads the settings above the first section, and where that section begins; null: there is none. */
function readSettings(text: string): { readonly settings: readonly Setting[]; readonly sectionAt: number | null } {
  const settings: Setting[] = [];
  for (const { 0: line, index } of text.matchAll(/[^\r\n]+/g)) {
    if (/^\s*(?:[;#]|$)/.test(line)) continue;
    if (/^\[[^\]]*\]\s*$/.test(line)) return { settings, sectionAt: index };
    const [, rawName = '', rawValue] = /^([^=]+)(?:=(.*))?$/s.exec(line) ?? [];
    if (rawValue === undefined) continue;
    const from = index + rawName.length + 1 + (rawValue.length - rawValue.trimStart().length);
    const { length, value } = readValue(rawValue.trim());
    settings.push({ name: readValue(rawName.trim()).value, from, to: from + length, value });
  }
  return { settings, sectionAt: null };
}

/** Reads a name or value: in quotes, or plain up to a `;` or `#` that no backslash escapes. */
function readValue(raw: string): { readonly length: number; readonly value: string } {
  if (/^"(?:.*")?$|^'(?:.*')?$/s.test(raw)) return { length: raw.length, value: unquote(raw) };
  const [plain = ''] = /^(?:\\.|[^\\;#]|\\$)*/s.exec(raw) ?? [];
  const trimmed = plain.trimEnd();
  return { length: trimmed.length, value: trimmed.replaceAll(/\\([\\;#])/g, '$1') };
}

function unquote(raw: string): string {
  const json = raw.startsWith("'") ? raw.slice(1, -1) : raw;
  try {
    return String(JSON.parse(json));
  } catch {
    return json;
  }
}
