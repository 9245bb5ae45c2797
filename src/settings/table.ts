import { DAY_MS } from '../domain/duration.ts';
import { authPlace, realmSlugs, secretHeaders } from './auth-kinds.ts';
import * as kinds from './kinds.ts';
import { githubKeys, leakSources } from './leak-kinds.ts';
import { settingRows } from './setting-row.ts';

const { plain, optional, secret } = settingRows;

const openCount = kinds.wholeNumber(1, 1_000_000);

/** All settings. */
export const settingTable = {
  port: plain('PORT', '4000', kinds.wholeNumber(0, 65535, ' (0: any free port)'), 'The TCP port to listen on.'),
  host: plain('HOST', '127.0.0.1', kinds.host, 'The address or host name to listen on.'),
  databaseUrl: secret(
    'DATABASE_URL',
    'an embedded PostgreSQL',
    kinds.postgresUrl,
    'The connection string of your PostgreSQL, version 15 or later.',
  ),
  dataDir: plain(
    'KEYTIDE_DATA_DIR',
    '.keytide',
    kinds.folder,
    'The folder of the embedded database, the generated sealing key, stored policy modules and the compiled form of the gateway.',
  ),
  revocationJournal: optional(
    'KEYTIDE_REVOCATION_JOURNAL',
    'revocations in the data folder',
    kinds.folder,
    'The file in which this node records revocations outside the database, so that a restored backup does not accept what was revoked since. Put it on another disk than the database.',
  ),
  adminEmail: plain(
    'KEYTIDE_ADMIN_EMAIL',
    'admin@localhost',
    kinds.email,
    'The email of the administrator that the first start creates.',
  ),
  adminPassword: secret(
    'KEYTIDE_ADMIN_PASSWORD',
    'generated and shown once',
    kinds.sensitiveText,
    'The password of the administrator that the first start creates.',
  ),
  sealingKey: secret(
    'KEYTIDE_SEALING_KEY',
    'generated in the data folder; required with DATABASE_URL',
    kinds.base64Bytes(32),
    'The key that encrypts secrets in the database. Use the same key on every node, and store it apart from backups.',
  ),
  publicUrl: optional(
    'KEYTIDE_PUBLIC_URL',
    'http://HOST:PORT',
    kinds.httpBaseUrl,
    'The URL at which callers reach the gateway: the base of links and the issuer of session tokens.',
  ),
  smtpUrl: secret(
    'KEYTIDE_SMTP_URL',
    'no notices by mail',
    kinds.smtpUrl,
    'The mail server for notices. Requires KEYTIDE_MAIL_FROM. Use the same server on every node.',
  ),
  mailFrom: optional('KEYTIDE_MAIL_FROM', 'none', kinds.mailbox, 'The sender of notices by mail.'),
  logLevel: plain(
    'KEYTIDE_LOG_LEVEL',
    'info',
    kinds.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'The minimum level of the log entries that are written.',
  ),
  logFormat: optional(
    'KEYTIDE_LOG_FORMAT',
    'pretty on a terminal, else json',
    kinds.oneOf('json', 'pretty'),
    'The format of log entries.',
  ),
  mode: plain(
    'KEYTIDE_MODE',
    'production',
    kinds.oneOf('production', 'development'),
    'In development mode, introspection and GraphiQL require no authentication.',
  ),
  allowedOrigins: plain(
    'KEYTIDE_ALLOWED_ORIGINS',
    '',
    kinds.origins,
    'The origins whose pages may call the gateway from a browser, over HTTP and WebSocket, besides its own origin.',
  ),
  trustedProxies: plain(
    'KEYTIDE_TRUSTED_PROXIES',
    '',
    kinds.subnets,
    'The proxies whose X-Forwarded-For header is trusted.',
  ),
  authHeaders: plain(
    'KEYTIDE_AUTH_HEADERS',
    'Bearer,Basic,X-API-Key,X-NuGet-ApiKey',
    secretHeaders,
    'The headers in which clients send their secrets to a proxy that asks /auth.',
  ),
  authListen: optional(
    'KEYTIDE_AUTH_LISTEN',
    'none: proxies prove themselves by X-Keytide-Verifier',
    authPlace,
    'Where the gateway answers /auth to proxies without a credential. Requires KEYTIDE_AUTH_REALMS. Every program that can connect is trusted.',
  ),
  authRealms: plain(
    'KEYTIDE_AUTH_REALMS',
    '',
    realmSlugs,
    'The realms whose keys are verified for proxies that ask at KEYTIDE_AUTH_LISTEN.',
  ),
  socketsPerAddress: plain(
    'KEYTIDE_SOCKETS_PER_ADDRESS',
    '1000',
    openCount,
    'The maximum number of open WebSockets per client address on a node. An IPv6 address counts as its /64 network.',
  ),
  socketsPerCaller: plain(
    'KEYTIDE_SOCKETS_PER_CALLER',
    '500',
    openCount,
    'The maximum number of open WebSockets per account or key on a node.',
  ),
  subscriptionsPerAddress: plain(
    'KEYTIDE_SUBSCRIPTIONS_PER_ADDRESS',
    '2000',
    openCount,
    'The maximum number of subscriptions, over WebSockets and server-sent events, per client address on a node.',
  ),
  subscriptionsPerCaller: plain(
    'KEYTIDE_SUBSCRIPTIONS_PER_CALLER',
    '1000',
    openCount,
    'The maximum number of subscriptions per account or key on a node.',
  ),
  requestsInProgress: plain(
    'KEYTIDE_REQUESTS_IN_PROGRESS',
    '2000',
    openCount,
    'The maximum number of HTTP requests in progress on a node. Further requests get 503 with Retry-After; health and metrics are always served.',
  ),
  requestLinesPerSecond: optional(
    'KEYTIDE_LOG_REQUESTS',
    'all',
    openCount,
    'The maximum number of requests that a node logs per second. Above that rate it logs the first ones of each second, all with a status of 500 or more, and the number of the others.',
  ),
  databasePool: plain(
    'KEYTIDE_DATABASE_POOL',
    '10',
    kinds.wholeNumber(2, 1000),
    'The maximum number of pooled database connections of a node.',
  ),
  verificationKeys: plain(
    'KEYTIDE_VERIFICATION_KEYS',
    '1000000',
    kinds.wholeNumber(1, 10_000_000),
    'The maximum number of secrets that a node holds in memory, to verify them without the database. About 200 bytes each, and more for scopes or labels that no other key has.',
  ),
  logRetention: plain(
    'KEYTIDE_LOG_RETENTION',
    'P400D',
    kinds.retention(DAY_MS),
    'The minimum retention of events. The events of a key stay in its history without limit.',
  ),
  approvalKeys: optional(
    'KEYTIDE_APPROVAL_KEYS',
    'off: no operation needs approval',
    kinds.wholeNumber(0, 1_000_000),
    'The number of keys that one person may change by operations (changeKeys) within 24 hours. An operation that exceeds it waits until a second person approves it. Use the same number on every node.',
  ),
  policiesDir: optional(
    'KEYTIDE_POLICIES_DIR',
    'none',
    kinds.folder,
    'The folder of your own policy modules. New and changed modules are loaded while the gateway runs.',
  ),
  policyPackages: plain(
    'KEYTIDE_POLICY_PACKAGES',
    '',
    kinds.packageNames,
    'The npm packages that are policy modules, resolved from the working directory.',
  ),
  webhookAllowedHosts: plain(
    'KEYTIDE_WEBHOOK_ALLOWED_HOSTS',
    '',
    kinds.hostsOrSubnets,
    'The hosts and networks outside the public internet that webhooks may be sent to. All other non-public addresses are refused (SSRF).',
  ),
  webhookPlainHosts: plain(
    'KEYTIDE_WEBHOOK_PLAIN_HOSTS',
    '',
    kinds.hosts,
    'The hosts that webhooks may be sent to over http, without TLS.',
  ),
  webhookPorts: plain('KEYTIDE_WEBHOOK_PORTS', '443', kinds.ports, 'The ports that webhooks may be sent to.'),
  issuerAllowedHosts: plain(
    'KEYTIDE_ISSUER_ALLOWED_HOSTS',
    '',
    kinds.hostsOrSubnets,
    'The hosts and networks outside the public internet from which keys of trusted issuers may be fetched. All other non-public addresses are refused (SSRF).',
  ),
  issuerPlainHosts: plain(
    'KEYTIDE_ISSUER_PLAIN_HOSTS',
    '',
    kinds.hosts,
    'The hosts from which keys of trusted issuers may be fetched over http, without TLS.',
  ),
  issuerPorts: plain(
    'KEYTIDE_ISSUER_PORTS',
    '443',
    kinds.ports,
    'The ports from which keys of trusted issuers may be fetched.',
  ),
  githubKeys: optional(
    'KEYTIDE_GITHUB_KEYS',
    'reports of GitHub are not accepted',
    githubKeys,
    'The public keys that verify leak reports of GitHub secret scanning.',
  ),
  leakSources: secret(
    'KEYTIDE_LEAK_SOURCES',
    'no other sources',
    leakSources,
    'Other sources of leak reports, with the secrets or public keys that verify their signatures.',
  ),
};
