import { readFileSync } from 'node:fs';
import { passwordProblem } from '../accounts/password-problem.ts';
import { quoteValue, type SettingReading } from './kinds.ts';
import { isKubernetesName, suggestName } from './setting-names.ts';
import type { Setting } from './setting-row.ts';
import { settingTable } from './table.ts';

/** sysexits.h EX_CONFIG: something is unconfigured or misconfigured. */
export const EXIT_STATUS_SETTINGS = 78;

type Table = typeof settingTable;
type ValueOf<Row> = Row extends Setting<infer Value, infer Fallback> ? Value | Extract<Fallback, null> : never;

/** All settings, read and validated. Secrets print as `[secret]`. */
export type Settings = { readonly [Field in keyof Table]: ValueOf<Table[Field]> };

/** All problems of the settings, a line each. A process that gets this error exits with status 78. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? 'A setting is' : `${problems.length} settings are`} invalid:\n  ${problems.join('\n  ')}`,
    );
    this.problems = problems;
  }
}

/**
 * Reads all settings from an environment. An empty value counts as not given.
 *
 * Throws a SettingsError that lists all invalid settings at once, each with what was found (never the value of a
 * secret) and what was expected. An unknown name that begins with KEYTIDE_ is invalid too.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = new Map(Object.entries(env).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''));
  const problems: string[] = [];
  const settings = Object.fromEntries(
    Object.entries(settingTable).map(([field, row]) => [field, readRow(row, given, problems)]),
  ) as Settings;
  problems.push(...findUnknownNames(given));
  const { databaseUrl, sealingKey, adminPassword } = settingTable;
  if (isGiven(databaseUrl, given) && !isGiven(sealingKey, given)) {
    const found = `found nothing, although ${databaseUrl.name} is set`;
    problems.push(`${sealingKey.name}: ${found}; expected ${sealingKey.kind.accepts}`);
  }
  const { smtpUrl, mailFrom } = settingTable;
  if (isGiven(smtpUrl, given) && !isGiven(mailFrom, given)) {
    problems.push(
      `${mailFrom.name}: found nothing, although ${smtpUrl.name} is set; expected ${mailFrom.kind.accepts}`,
    );
  }
  const { authListen, authRealms } = settingTable;
  if (isGiven(authListen, given) && !isGiven(authRealms, given)) {
    problems.push(
      `${authRealms.name}: found nothing, although ${authListen.name} is set; expected ${authRealms.kind.accepts}`,
    );
  }
  const weakness = passwordProblem(settings.adminPassword?.reveal() ?? '', settings.adminEmail ?? '');
  if (weakness !== null && settings.adminPassword !== null) problems.push(`${adminPassword.name}: ${weakness}`);
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

/** Returns the names of those settings that an environment gives. */
export function findGivenNames(rows: readonly Setting<unknown, string | null>[], env: NodeJS.ProcessEnv): string[] {
  return rows.flatMap(namesOf).filter((name) => (env[name] ?? '') !== '');
}

/** Returns the public URL: the configured URL, or else the one on which the gateway listens. */
export function resolvePublicUrl({ publicUrl, host }: Pick<Settings, 'publicUrl' | 'host'>, port: number): string {
  return publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Returns the names under which a setting may be given. */
export function namesOf({ name, isSecret }: { readonly name: string; readonly isSecret: boolean }): readonly string[] {
  return isSecret ? [name, `${name}_FILE`] : [name];
}

type Given = ReadonlyMap<string, string>;

function isGiven(row: Setting<unknown, string | null>, given: Given): boolean {
  return namesOf(row).some((name) => given.has(name));
}

function readRow(row: Setting<unknown, string | null>, given: Given, problems: string[]): unknown {
  const names = namesOf(row).filter((name) => given.has(name));
  const [name = row.name] = names;
  if (names.length > 1) problems.push(`${names.join(' and ')}: found both; expected one of them`);
  if (names.length !== 1 && row.fallback === null) return null;
  const text = given.get(name) ?? row.fallback ?? '';
  const source = name === row.name ? { value: text } : readSecretFile(text);
  const reading = 'value' in source ? row.kind.read(source.value) : source;
  if ('value' in reading) return reading.value;
  problems.push(`${name}: found ${reading.found}; expected ${row.kind.accepts}`);
  return null;
}

/** Reads a secret from a file, without the line break that editors add at the end. */
function readSecretFile(path: string): SettingReading<string> {
  try {
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return value === '' ? { found: `nothing in the file ${quoteValue(path)}` } : { value };
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return { found: `a file that cannot be read, ${quoteValue(path)} (${code})` };
  }
}

/** Returns a problem for each name that looks like a setting and is unknown. */
function findUnknownNames(given: Given): string[] {
  const known = Object.values(settingTable).flatMap(namesOf);
  const unknown = [...given].filter(
    ([name, value]) => /^KEYTIDE_/i.test(name) && !known.includes(name) && !isKubernetesName(name, value),
  );
  return unknown.map(([name]) => {
    const suggestion = suggestName(name, known);
    return `${name}: unknown setting; ${suggestion === null ? `expected one of ${known.join(', ')}` : `did you mean ${suggestion}?`}`;
  });
}
