import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { namesOf, resolvePublicUrl, readSettings, SettingsError } from '../../src/settings/settings.ts';
import { settingTable } from '../../src/settings/table.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const sealingKey = Buffer.alloc(32, 9).toString('base64');

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

function fileWith(text: string): string {
  const path = join(scratchFolder(), 'value');
  writeFileSync(path, text);
  return path;
}

test('settings: without an environment every setting has its documented default', () => {
  expect(readSettings({ PATH: '/bin' })).toEqual({
    port: 4000,
    host: '127.0.0.1',
    databaseUrl: null,
    dataDir: resolve('.keytide'),
    revocationJournal: null,
    adminEmail: 'admin@localhost',
    adminPassword: null,
    sealingKey: null,
    publicUrl: null,
    requestLinesPerSecond: null,
    requestsInProgress: 2_000,
    smtpUrl: null,
    mailFrom: null,
    logLevel: 'info',
    logFormat: null,
    mode: 'production',
    allowedOrigins: [],
    trustedProxies: [],
    authHeaders: ['bearer', 'basic', 'x-api-key', 'x-nuget-apikey'],
    authListen: null,
    authRealms: [],
    socketsPerAddress: 1000,
    socketsPerCaller: 500,
    subscriptionsPerAddress: 2000,
    subscriptionsPerCaller: 1000,
    databasePool: 10,
    verificationKeys: 1_000_000,
    approvalKeys: null,
    logRetention: 34_560_000_000,
    policiesDir: null,
    policyPackages: [],
    webhookAllowedHosts: [],
    webhookPlainHosts: [],
    webhookPorts: [443],
    issuerAllowedHosts: [],
    issuerPlainHosts: [],
    issuerPorts: [443],
    githubKeys: null,
    leakSources: null,
  });
});

test('settings: every setting is read as given', () => {
  const settings = readSettings({
    PORT: '0',
    HOST: '::1',
    DATABASE_URL: 'postgresql://u:p@db:5432/keytide',
    KEYTIDE_DATA_DIR: '/var/lib/keytide',
    KEYTIDE_REVOCATION_JOURNAL: '/mnt/journal/revocations',
    KEYTIDE_ADMIN_EMAIL: 'Ada@Example.org',
    KEYTIDE_ADMIN_PASSWORD: 'correct horse battery',
    KEYTIDE_SEALING_KEY: sealingKey,
    KEYTIDE_PUBLIC_URL: 'https://keys.example/tide/',
    KEYTIDE_SMTP_URL: 'smtps://keytide:p%40ss@mail.example:465',
    KEYTIDE_MAIL_FROM: 'Keytide <Keytide@Example.org>',
    KEYTIDE_LOG_LEVEL: 'warn',
    KEYTIDE_LOG_FORMAT: 'json',
    KEYTIDE_MODE: 'development',
    KEYTIDE_ALLOWED_ORIGINS: 'https://a.example, http://localhost:3000',
    KEYTIDE_TRUSTED_PROXIES: '10.0.0.0/8,::1',
    KEYTIDE_AUTH_HEADERS: 'Bearer, X-Registry-Key',
    KEYTIDE_AUTH_LISTEN: '[::1]:4001',
    KEYTIDE_AUTH_REALMS: 'default,packages',
    KEYTIDE_DATABASE_POOL: '25',
    KEYTIDE_VERIFICATION_KEYS: '10000000',
    KEYTIDE_POLICIES_DIR: '/etc/keytide/policies',
    KEYTIDE_POLICY_PACKAGES: 'keytide-policy-weekend, @acme/policies',
    KEYTIDE_WEBHOOK_ALLOWED_HOSTS: 'Hooks.internal, 10.0.0.0/8',
    KEYTIDE_WEBHOOK_PLAIN_HOSTS: 'hooks.internal',
    KEYTIDE_WEBHOOK_PORTS: '443,8443',
  });
  expect(settings).toMatchObject({
    port: 0,
    host: '::1',
    dataDir: '/var/lib/keytide',
    revocationJournal: '/mnt/journal/revocations',
    adminEmail: 'ada@example.org',
    publicUrl: 'https://keys.example/tide',
    mailFrom: { name: 'Keytide', address: 'Keytide@Example.org' },
    logLevel: 'warn',
    logFormat: 'json',
    mode: 'development',
    allowedOrigins: ['https://a.example', 'http://localhost:3000'],
    trustedProxies: [
      { address: '10.0.0.0', prefix: 8, family: 'ipv4' },
      { address: '::1', prefix: 128, family: 'ipv6' },
    ],
    authHeaders: ['bearer', 'x-registry-key'],
    authListen: { host: '::1', port: 4001 },
    authRealms: ['default', 'packages'],
    databasePool: 25,
    verificationKeys: 10_000_000,
    policiesDir: '/etc/keytide/policies',
    policyPackages: ['keytide-policy-weekend', '@acme/policies'],
    webhookAllowedHosts: ['hooks.internal', { address: '10.0.0.0', prefix: 8, family: 'ipv4' }],
    webhookPlainHosts: ['hooks.internal'],
    webhookPorts: [443, 8443],
  });
  expect(settings.databaseUrl?.reveal()).toBe('postgresql://u:p@db:5432/keytide');
  expect(settings.adminPassword?.reveal()).toBe('correct horse battery');
  expect(Buffer.from(settings.sealingKey?.reveal() ?? []).toString('base64')).toBe(sealingKey);
});

test('settings: a listener for proxies needs the realms that it is trusted for', () => {
  expect(problemsOf({ KEYTIDE_AUTH_LISTEN: 'unix:/run/keytide/auth.sock' })).toEqual([
    'KEYTIDE_AUTH_REALMS: found nothing, although KEYTIDE_AUTH_LISTEN is set; expected a comma-separated list of slugs of realms such as default',
  ]);
  for (const place of ['127.0.0.1', '127.0.0.1:0', 'localhost:4001', '[::]:4001', '10.0.0.5:4001', 'unix:auth.sock']) {
    expect(problemsOf({ KEYTIDE_AUTH_LISTEN: place, KEYTIDE_AUTH_REALMS: 'default' }), place).toHaveLength(1);
  }
});

test('settings: all problems are reported at once, each with what was found and expected', () => {
  expect(
    problemsOf({
      PORT: '65536',
      HOST: 'my host',
      DATABASE_URL: 'mysql://KTCANARY:KTCANARY@db/x',
      KEYTIDE_ADMIN_EMAIL: 'nobody',
      KEYTIDE_ADMIN_PASSWORD: 'KTCANARY',
      KEYTIDE_SEALING_KEY: Buffer.from('KTCANARY').toString('base64'),
      KEYTIDE_PUBLIC_URL: 'https://me:KTCANARY@keys.example',
      KEYTIDE_LOG_LEVEL: 'loud',
      KEYTIDE_MODE: 'test',
      KEYTIDE_ALLOWED_ORIGINS: 'https://a.example,https://b.example/',
      KEYTIDE_TRUSTED_PROXIES: '0.0.0.0/0',
      KEYTIDE_AUTH_HEADERS: 'Bearer,Cookie',
      KEYTIDE_AUTH_LISTEN: '0.0.0.0:4001',
      KEYTIDE_AUTH_REALMS: 'default,My Realm',
      KEYTIDE_DATABASE_POOL: '1',
      KEYTIDE_POLICY_PACKAGES: '@acme/policies,../policies',
      KEYTIDE_WEBHOOK_ALLOWED_HOSTS: '0.0.0.0/0',
      KEYTIDE_WEBHOOK_PLAIN_HOSTS: 'http://hooks.internal',
      KEYTIDE_WEBHOOK_PORTS: '443,65536',
      KEYTIDE_SEALINGKEY: 'x',
    }),
  ).toMatchInlineSnapshot(`
    [
      "PORT: found "65536"; expected a whole number from 0 to 65535 (0: any free port)",
      "HOST: found "my host"; expected an IP address without brackets, or a host name",
      "DATABASE_URL: found a value that is not a PostgreSQL URL (not shown); expected a URL such as postgresql://user:password@host:5432/database",
      "KEYTIDE_ADMIN_EMAIL: found "nobody"; expected an email address of at most 254 characters",
      "KEYTIDE_SEALING_KEY: found base64 of 8 bytes; expected 32 bytes in base64; generate them with \`openssl rand -base64 32\`",
      "KEYTIDE_PUBLIC_URL: found a URL with a user name or password in it; expected an http or https URL without user name, query or fragment",
      "KEYTIDE_LOG_LEVEL: found "loud"; expected one of trace, debug, info, warn, error, fatal, silent",
      "KEYTIDE_MODE: found "test"; expected one of production, development",
      "KEYTIDE_ALLOWED_ORIGINS: found "https://b.example/"; expected a comma-separated list of origins such as https://console.example",
      "KEYTIDE_TRUSTED_PROXIES: found "0.0.0.0/0"; expected a comma-separated list of IP addresses and CIDR ranges such as 10.0.0.0/8, none with a prefix of 0",
      "KEYTIDE_AUTH_HEADERS: found "Cookie"; expected a comma-separated list of Bearer, Basic (its password) and names of headers such as X-API-Key",
      "KEYTIDE_AUTH_LISTEN: found "0.0.0.0:4001"; expected a loopback address with a port such as 127.0.0.1:4001, or unix: and the absolute path of a socket",
      "KEYTIDE_AUTH_REALMS: found "My Realm"; expected a comma-separated list of slugs of realms such as default",
      "KEYTIDE_DATABASE_POOL: found "1"; expected a whole number from 2 to 1000",
      "KEYTIDE_POLICY_PACKAGES: found "../policies"; expected a comma-separated list of names of npm packages such as @acme/policies",
      "KEYTIDE_WEBHOOK_ALLOWED_HOSTS: found "0.0.0.0/0"; expected a comma-separated list of host names, IP addresses and CIDR ranges such as hooks.internal and 10.0.0.0/8, none with a prefix of 0",
      "KEYTIDE_WEBHOOK_PLAIN_HOSTS: found "http://hooks.internal"; expected a comma-separated list of host names and IP addresses",
      "KEYTIDE_WEBHOOK_PORTS: found "65536"; expected a comma-separated list of port numbers from 1 to 65535",
      "KEYTIDE_SEALINGKEY: unknown setting; did you mean KEYTIDE_SEALING_KEY?",
      "KEYTIDE_ADMIN_PASSWORD: The password has 8 characters; expected at least 12.",
    ]
  `);
});

test('settings: an invalid secret is not in the message', () => {
  const wrong = { DATABASE_URL: 'KTCANARY', KEYTIDE_SEALING_KEY: 'KTCANARY%', KEYTIDE_ADMIN_PASSWORD: 'KTCANARY' };
  const problems = problemsOf(wrong);
  expect(problems).toHaveLength(3);
  expect(problems.join()).not.toContain('KTCANARY');
});

test('settings: secrets do not print', () => {
  const settings = readSettings({
    DATABASE_URL: 'postgres://u:KTCANARY@db/x',
    KEYTIDE_ADMIN_PASSWORD: 'KTCANARY-12345',
    KEYTIDE_SEALING_KEY: sealingKey,
  });
  const printed = inspect(settings, { depth: 9, showHidden: true }) + JSON.stringify(settings);
  expect(printed).not.toContain('KTCANARY');
  expect(printed).not.toMatch(/\b9, 9, 9/);
});

test('settings: a secret may come from a file, without its last line break', () => {
  const settings = readSettings({
    KEYTIDE_ADMIN_PASSWORD_FILE: fileWith('spaces at the end  \r\n'),
    KEYTIDE_SEALING_KEY_FILE: fileWith(`${sealingKey}\n`),
    DATABASE_URL_FILE: fileWith('postgres://db/x'),
  });
  expect(settings.adminPassword?.reveal()).toBe('spaces at the end  ');
  expect(settings.databaseUrl?.reveal()).toBe('postgres://db/x');
  expect(settings.sealingKey?.reveal()).toHaveLength(32);
});

test('settings: a file that is missing or empty, and a value beside its file, are refused', () => {
  const empty = fileWith('\n');
  expect(problemsOf({ KEYTIDE_ADMIN_PASSWORD_FILE: '/nowhere/at/all' })).toEqual([
    'KEYTIDE_ADMIN_PASSWORD_FILE: found a file that cannot be read, "/nowhere/at/all" (ENOENT); expected any text',
  ]);
  expect(problemsOf({ KEYTIDE_ADMIN_PASSWORD_FILE: empty })).toEqual([
    `KEYTIDE_ADMIN_PASSWORD_FILE: found nothing in the file ${JSON.stringify(empty)}; expected any text`,
  ]);
  expect(problemsOf({ KEYTIDE_SEALING_KEY: sealingKey, KEYTIDE_SEALING_KEY_FILE: empty })).toEqual([
    'KEYTIDE_SEALING_KEY and KEYTIDE_SEALING_KEY_FILE: found both; expected one of them',
  ]);
});

test('settings: a database given without a sealing key is refused, with the command that makes one', () => {
  for (const env of [{ DATABASE_URL: 'postgres://db/x' }, { DATABASE_URL_FILE: fileWith('postgres://db/x') }]) {
    expect(problemsOf(env)).toEqual([
      'KEYTIDE_SEALING_KEY: found nothing, although DATABASE_URL is set; expected 32 bytes in base64; generate them with `openssl rand -base64 32`',
    ]);
  }
  expect(problemsOf({ DATABASE_URL: 'postgres://db/x', KEYTIDE_SEALING_KEY: sealingKey })).toEqual([]);
});

test('settings: an empty value counts as not given', () => {
  const env = Object.fromEntries(Object.values(settingTable).flatMap((row) => namesOf(row).map((name) => [name, ''])));
  expect(readSettings({ ...env, KEYTIDE_UNKNOWN: '' })).toEqual(readSettings({}));
});

test('settings: an unknown name is refused, with a suggestion', () => {
  expect(problemsOf({ KEYTIDE_ADMIN_PASWORD: 'x' })).toEqual([
    'KEYTIDE_ADMIN_PASWORD: unknown setting; did you mean KEYTIDE_ADMIN_PASSWORD?',
  ]);
  expect(problemsOf({ KEYTIDE_PORT: '4000' })).toEqual(['KEYTIDE_PORT: unknown setting; did you mean PORT?']);
  expect(problemsOf({ keytide_mode: 'production' })).toEqual([
    'keytide_mode: unknown setting; did you mean KEYTIDE_MODE?',
  ]);
  expect(problemsOf({ KEYTIDE_COLOUR_OF_THE_SKY: 'blue' })[0]).toMatch(
    /expected one of PORT, HOST, .*KEYTIDE_LEAK_SOURCES, KEYTIDE_LEAK_SOURCES_FILE$/,
  );
});

test('settings: variables that Kubernetes sets for a service named keytide are ignored', () => {
  expect(
    problemsOf({
      KEYTIDE_SERVICE_HOST: '10.0.0.1',
      KEYTIDE_SERVICE_PORT: '4000',
      KEYTIDE_SERVICE_PORT_HTTP: '4000',
      KEYTIDE_PORT: 'tcp://10.0.0.1:4000',
      KEYTIDE_PORT_4000_TCP: 'tcp://10.0.0.1:4000',
      KEYTIDE_PORT_4000_TCP_PROTO: 'tcp',
      KEYTIDE_PORT_4000_TCP_PORT: '4000',
      KEYTIDE_PORT_4000_TCP_ADDR: '10.0.0.1',
      KEYTIDE_DB_SERVICE_HOST: '10.0.0.2',
      KEYTIDE_DB_PORT: 'tcp://10.0.0.2:5432',
    }),
  ).toEqual([]);
});

test('settings: the public URL defaults to the listening address', () => {
  expect(resolvePublicUrl({ publicUrl: null, host: '127.0.0.1' }, 4000)).toBe('http://127.0.0.1:4000');
  expect(resolvePublicUrl({ publicUrl: null, host: '::1' }, 80)).toBe('http://[::1]:80');
  expect(resolvePublicUrl({ publicUrl: 'https://keys.example', host: '::1' }, 80)).toBe('https://keys.example');
});

test('settings: a mail server requires a sender; an invalid URL is reported without showing it', () => {
  expect(problemsOf({ KEYTIDE_SMTP_URL: 'smtp://mail.example' })).toEqual([
    expect.stringMatching(/^KEYTIDE_MAIL_FROM: found nothing, although KEYTIDE_SMTP_URL is set; expected an email/),
  ]);
  const from = { KEYTIDE_MAIL_FROM: 'keytide@example.org' };
  for (const url of [
    'mail.example',
    'https://user:hunter2@mail.example',
    'smtp://user:hunter2@mail.example/path',
    'smtp://user:hunter2@mail.example?logger=true',
    'smtp://user:hunter2%zz@mail.example',
    'smtp://',
  ]) {
    const problems = problemsOf({ ...from, KEYTIDE_SMTP_URL: url });
    expect(problems).toEqual([expect.stringContaining('not a mail server URL (not shown)')]);
    expect(problems.join()).not.toContain('hunter2');
  }
  expect(readSettings({ ...from, KEYTIDE_SMTP_URL: 'smtp://[::1]:2525' }).mailFrom).toEqual({
    name: '',
    address: 'keytide@example.org',
  });
  for (const wrong of ['nobody', 'A <b@c', 'A\r\nBcc: <b@c>', '<a@b> c', 'a@b, c@d']) {
    expect(problemsOf({ KEYTIDE_MAIL_FROM: wrong })).toEqual([expect.stringContaining('KEYTIDE_MAIL_FROM: found')]);
  }
});

test('settings: leak sources have their secrets; GitHub’s keys come from a file or a URL', () => {
  const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
  const publicKey = `whpk_${Buffer.alloc(32, 2).toString('base64')}`;
  const { leakSources } = readSettings({
    KEYTIDE_LEAK_SOURCES_FILE: fileWith(`a=${secret}\na=${publicKey}\n\nb-2=${secret}\n`),
  });
  expect(leakSources?.map(({ name, secrets }) => [name, secrets.length])).toEqual([
    ['a', 2],
    ['b-2', 1],
  ]);
  expect(inspect(leakSources, { depth: 5 })).not.toContain(secret.slice(6, 20));
  for (const bad of [
    'a',
    'a=',
    `github=${secret}`,
    `A=${secret}`,
    'a=whsec_AAAA',
    'a=whpk_AAAA',
    `a=${secret}KTCANARY*`,
  ]) {
    const [problem = ''] = problemsOf({ KEYTIDE_LEAK_SOURCES: bad });
    expect(problem).toMatch(/^KEYTIDE_LEAK_SOURCES: found an invalid entry, number 1 \(not shown\); expected /);
    expect(problem).not.toContain('KTCANARY');
  }

  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
  const list = (entry: object) => fileWith(JSON.stringify({ public_keys: [{ key_identifier: 'a', key, ...entry }] }));
  const { githubKeys } = readSettings({ KEYTIDE_GITHUB_KEYS: list({ is_current: true }) });
  expect(githubKeys).toEqual({ keys: new Map([['a', expect.anything()]]) });
  for (const url of ['https://api.github.com/meta/public_keys/secret_scanning', 'http://127.0.0.1:8080/keys']) {
    expect(readSettings({ KEYTIDE_GITHUB_KEYS: url }).githubKeys).toEqual({ url });
  }
  const bad = [
    'http://example.com/keys',
    'https://me:KTCANARY@example.com/',
    '/nowhere',
    list({ is_current: false }),
    list({ is_current: true, key: 'a' }),
  ];
  for (const value of bad) {
    expect(problemsOf({ KEYTIDE_GITHUB_KEYS: value })).toEqual([
      expect.stringMatching(/^KEYTIDE_GITHUB_KEYS: found (?!.*KTCANARY).*; expected an https URL/),
    ]);
  }
});
