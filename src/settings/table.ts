import { DAY_MS } from '../domain/duration.ts';
import * as kinds from './kinds.ts';
import { githubKeys, leakSources } from './leak-kinds.ts';

/** One row of the table that reading, messages and documents share. */
export interface Setting<Value, Fallback extends string | null> {
  readonly name: string;
  readonly description: string;
  readonly kind: kinds.SettingKind<Value>;
  /** What is read when nothing is given; null: the setting is null then. */
  readonly fallback: Fallback;
  /** What happens when nothing is given, for people. */
  readonly defaultText: string;
  /** A secret may also be given as the path of a file, in the setting with `_FILE` after its name. */
  readonly isSecret: boolean;
}

const openCount = kinds.wholeNumber(1, 1_000_000);

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
    kinds.httpBaseUrl,
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
    openCount,
    'Most WebSockets that one address, of IPv6 a /64 network, may have open on a node.',
  ),
  socketsPerCaller: plain(
    'KEYTIDE_SOCKETS_PER_CALLER',
    '500',
    openCount,
    'Most WebSockets that one account or key may have open on a node.',
  ),
  subscriptionsPerAddress: plain(
    'KEYTIDE_SUBSCRIPTIONS_PER_ADDRESS',
    '2000',
    openCount,
    'Most subscriptions, over WebSockets and server-sent events, that one address may have on a node.',
  ),
  subscriptionsPerCaller: plain(
    'KEYTIDE_SUBSCRIPTIONS_PER_CALLER',
    '1000',
    openCount,
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

function plain<Value>(name: string, fallback: string, kind: kinds.SettingKind<Value>, about: string) {
  return {
    name,
    description: about,
    kind,
    fallback,
    defaultText: fallback || 'none',
    isSecret: false,
  } satisfies Setting<Value, string>;
}

function optional<Value>(name: string, otherwise: string, kind: kinds.SettingKind<Value>, about: string) {
  return { name, description: about, kind, fallback: null, defaultText: otherwise, isSecret: false } satisfies Setting<
    Value,
    null
  >;
}

function secret<Value>(name: string, otherwise: string, kind: kinds.SettingKind<Value>, about: string) {
  return { name, description: about, kind, fallback: null, defaultText: otherwise, isSecret: true } satisfies Setting<
    Value,
    null
  >;
}
