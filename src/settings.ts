import { readFileSync } from 'node:fs';
import { passwordProblem } from './accounts/password-problem.ts';
import { DAY_MS } from './domain/duration.ts';
import * as kinds from './settings/kinds.ts';
import { githubKeys, leakSources } from './settings/leak-kinds.ts';
import { isForeignName, nearestName } from './settings/names.ts';

/** sysexits.h EX_CONFIG: something was found in an unconfigured or misconfigured state. */
export const EXIT_STATUS_SETTINGS = 78;

/** One row of the table that reading, messages and documents share. */
export interface Setting<Value, Fallback extends string | null> {
  readonly name: string;
  readonly about: string;
  readonly kind: kinds.SettingKind<Value>;
  /** What is read when nothing is given; null: the setting is null then. */
  readonly fallback: Fallback;
  /** What happens when nothing is given, for people. */
  readonly otherwise: string;
  /** A secret may also be given as the path of a file, in the setting with `_FILE` after its name. */
  readonly isSecret: boolean;
}

const atOnce = kinds.wholeNumber(1, 1_000_000);

/** Every setting that there is. */
export const settingTable = {
  port: plain('PORT', '4000', kinds.wholeNumber(0, 65535, ' (0: any free port)'), 'Where it listens.'),
  host: plain('HOST', '127.0.0.1', kinds.host, 'The address that it listens on.'),
  databaseUrl: secret('DATABASE_URL', 'an embedded PostgreSQL', kinds.postgresUrl, 'A PostgreSQL 15 or later.'),
  dataDir: plain('KEYTIDE_DATA_DIR', '.keytide', kinds.folder, 'Holds the embedded database and the sealing key.'),
  adminEmail: plain('KEYTIDE_ADMIN_EMAIL', 'admin@localhost', kinds.email, 'Who is made at the first start.'),
  adminPassword: secret(
    'KEYTIDE_ADMIN_PASSWORD',
    'generated and shown once',
    kinds.sensitiveText,
    'The password of that administrator.',
  ),
  sealingKey: secret(
    'KEYTIDE_SEALING_KEY',
    'made in the data folder; required with DATABASE_URL',
    kinds.base64Bytes(32),
    'Seals what the database must not hold in the clear. The same on every node, kept apart from backups.',
  ),
  publicUrl: optional(
    'KEYTIDE_PUBLIC_URL',
    'http://HOST:PORT',
    kinds.baseUrl,
    'Where callers reach it: the base of links and the issuer of session tokens.',
  ),
  smtpUrl: secret(
    'KEYTIDE_SMTP_URL',
    'no notices by mail',
    kinds.smtpUrl,
    'The mail server that takes notices; with KEYTIDE_MAIL_FROM. The same on every node.',
  ),
  mailFrom: optional('KEYTIDE_MAIL_FROM', 'none', kinds.mailbox, 'Who notices are from.'),
  logLevel: plain(
    'KEYTIDE_LOG_LEVEL',
    'info',
    kinds.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'The least severe log entries that are written.',
  ),
  logFormat: optional(
    'KEYTIDE_LOG_FORMAT',
    'pretty on a terminal, else json',
    kinds.oneOf('json', 'pretty'),
    'How log entries are written.',
  ),
  mode: plain(
    'KEYTIDE_MODE',
    'production',
    kinds.oneOf('production', 'development'),
    'In development, introspection and GraphiQL are for anyone.',
  ),
  allowedOrigins: plain(
    'KEYTIDE_ALLOWED_ORIGINS',
    '',
    kinds.origins,
    'Whose pages may call it from a browser, over HTTP and WebSocket, besides its own.',
  ),
  trustedProxies: plain('KEYTIDE_TRUSTED_PROXIES', '', kinds.subnets, 'Whose X-Forwarded-For is believed.'),
  socketsPerAddress: plain(
    'KEYTIDE_SOCKETS_PER_ADDRESS',
    '1000',
    atOnce,
    'Most WebSockets that one address, of IPv6 a /64 network, may have open on a node.',
  ),
  socketsPerCaller: plain(
    'KEYTIDE_SOCKETS_PER_CALLER',
    '500',
    atOnce,
    'Most WebSockets that one account or key may have open on a node.',
  ),
  subscriptionsPerAddress: plain(
    'KEYTIDE_SUBSCRIPTIONS_PER_ADDRESS',
    '2000',
    atOnce,
    'Most subscriptions, over WebSockets and server-sent events, that one address may have on a node.',
  ),
  subscriptionsPerCaller: plain(
    'KEYTIDE_SUBSCRIPTIONS_PER_CALLER',
    '1000',
    atOnce,
    'Most subscriptions that one account or key may have on a node.',
  ),
  databasePool: plain('KEYTIDE_DATABASE_POOL', '10', kinds.wholeNumber(2, 1000), 'Most connections to the database.'),
  logRetention: plain(
    'KEYTIDE_LOG_RETENTION',
    'P400D',
    kinds.retention(DAY_MS),
    'For how long events are kept at least. The events of a key stay in its history for ever.',
  ),
  policiesDir: optional(
    'KEYTIDE_POLICIES_DIR',
    'none',
    kinds.folder,
    'Holds policy modules of your own, which are taken as they come and change.',
  ),
  policyPackages: plain(
    'KEYTIDE_POLICY_PACKAGES',
    '',
    kinds.packageNames,
    'Packages that are policy modules, found from the working directory.',
  ),
  webhookAllowedHosts: plain(
    'KEYTIDE_WEBHOOK_ALLOWED_HOSTS',
    '',
    kinds.hostsOrSubnets,
    'Where webhooks may be sent to although it is not of the public internet.',
  ),
  webhookPlainHosts: plain(
    'KEYTIDE_WEBHOOK_PLAIN_HOSTS',
    '',
    kinds.hosts,
    'Whose webhooks may be sent by http, without TLS.',
  ),
  webhookPorts: plain('KEYTIDE_WEBHOOK_PORTS', '443', kinds.ports, 'The ports that webhooks may be sent to.'),
  issuerAllowedHosts: plain(
    'KEYTIDE_ISSUER_ALLOWED_HOSTS',
    '',
    kinds.hostsOrSubnets,
    'Where trusted issuers may be asked for their keys although it is not of the public internet.',
  ),
  issuerPlainHosts: plain(
    'KEYTIDE_ISSUER_PLAIN_HOSTS',
    '',
    kinds.hosts,
    'Which trusted issuers may be asked for their keys by http, without TLS.',
  ),
  issuerPorts: plain('KEYTIDE_ISSUER_PORTS', '443', kinds.ports, 'The ports at which trusted issuers may be asked.'),
  githubKeys: optional(
    'KEYTIDE_GITHUB_KEYS',
    'no reports of GitHub are taken',
    githubKeys,
    'The keys that GitHub’s secret scanning signs its reports of leaks with.',
  ),
  leakSources: secret(
    'KEYTIDE_LEAK_SOURCES',
    'no others are taken',
    leakSources,
    'Who else reports leaks, and the secrets by which their reports are signed.',
  ),
};

type Table = typeof settingTable;
type ValueOf<Row> = Row extends Setting<infer Value, infer Fallback> ? Value | Extract<Fallback, null> : never;

/** Every setting, read and checked. What prints a secret prints `[secret]`. */
export type Settings = { readonly [Field in keyof Table]: ValueOf<Table[Field]> };

/** Everything that is wrong with the settings, one line each. A process that meets it exits with status 78. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? 'A setting is' : `${problems.length} settings are`} wrong:\n  ${problems.join('\n  ')}`,
    );
    this.problems = problems;
  }
}

/**
 * Reads all settings from an environment. An empty value counts as not set.
 *
 * Throws a SettingsError that names all wrong ones at once: each with what was found (of a secret, never its value) and
 * what is accepted. A name that begins with KEYTIDE_ and is no setting is wrong too.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = new Map(Object.entries(env).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''));
  const problems: string[] = [];
  const settings = Object.fromEntries(
    Object.entries(settingTable).map(([field, row]) => [field, readRow(row, given, problems)]),
  ) as Settings;
  problems.push(...strangers(given));
  const { databaseUrl, sealingKey, adminPassword } = settingTable;
  if (isGiven(databaseUrl, given) && !isGiven(sealingKey, given)) {
    const found = `found nothing, although ${databaseUrl.name} is set`;
    problems.push(`${sealingKey.name}: ${found}; accepted: ${sealingKey.kind.accepts}`);
  }
  const { smtpUrl, mailFrom } = settingTable;
  if (isGiven(smtpUrl, given) && !isGiven(mailFrom, given)) {
    problems.push(
      `${mailFrom.name}: found nothing, although ${smtpUrl.name} is set; accepted: ${mailFrom.kind.accepts}`,
    );
  }
  const bad = passwordProblem(settings.adminPassword?.reveal() ?? '', settings.adminEmail ?? '');
  if (bad !== null && settings.adminPassword !== null) problems.push(`${adminPassword.name}: ${bad}`);
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

/** The names by which an environment gives some of the settings. */
export function givenNames(rows: readonly Setting<unknown, string | null>[], env: NodeJS.ProcessEnv): string[] {
  return rows.flatMap(namesOf).filter((name) => (env[name] ?? '') !== '');
}

/** The base of links and the issuer of tokens, once it is known on which port the gateway listens. */
export function publicUrlOf({ publicUrl, host }: Pick<Settings, 'publicUrl' | 'host'>, port: number): string {
  return publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The names under which a setting may be given. */
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
  if (names.length > 1) problems.push(`${names.join(' and ')}: found both; accepted: one of the two`);
  if (names.length !== 1 && row.fallback === null) return null;
  const text = given.get(name) ?? row.fallback ?? '';
  const source = name === row.name ? { value: text } : readSecretFile(text);
  const reading = 'value' in source ? row.kind.read(source.value) : source;
  if ('value' in reading) return reading.value;
  problems.push(`${name}: found ${reading.found}; accepted: ${row.kind.accepts}`);
  return null;
}

/** A secret as files hold it: the line end that editors put after it is not part of it. */
function readSecretFile(path: string): kinds.Reading<string> {
  try {
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return value === '' ? { found: `nothing in the file ${kinds.quoted(path)}` } : { value };
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return { found: `a file that cannot be read, ${kinds.quoted(path)} (${code})` };
  }
}

/** One line for each name that looks like a setting of ours and is none. */
function strangers(given: Given): string[] {
  const known = Object.values(settingTable).flatMap(namesOf);
  const wrong = [...given].filter(
    ([name, value]) => /^KEYTIDE_/i.test(name) && !known.includes(name) && !isForeignName(name, value),
  );
  return wrong.map(([name]) => {
    const near = nearestName(name, known);
    return `${name}: no such setting; ${near === null ? `accepted: ${known.join(', ')}` : `did you mean ${near}?`}`;
  });
}

function plain<Value>(name: string, fallback: string, kind: kinds.SettingKind<Value>, about: string) {
  return { name, about, kind, fallback, otherwise: fallback || 'none', isSecret: false } satisfies Setting<
    Value,
    string
  >;
}

function optional<Value>(name: string, otherwise: string, kind: kinds.SettingKind<Value>, about: string) {
  return { name, about, kind, fallback: null, otherwise, isSecret: false } satisfies Setting<Value, null>;
}

function secret<Value>(name: string, otherwise: string, kind: kinds.SettingKind<Value>, about: string) {
  return { name, about, kind, fallback: null, otherwise, isSecret: true } satisfies Setting<Value, null>;
}
