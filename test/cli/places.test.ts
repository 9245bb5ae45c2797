import { array, assert, constantFrom, property } from 'fast-check';
import { expect, test } from 'vitest';
import { dockerConfigFormat } from '../../src/cli/deployers/files/docker-config.ts';
import { dotenvFormat } from '../../src/cli/deployers/files/dotenv.ts';
import { netrcFormat } from '../../src/cli/deployers/files/netrc.ts';
import { npmrcFormat } from '../../src/cli/deployers/files/npmrc.ts';
import { nugetConfigFormat } from '../../src/cli/deployers/files/nuget-config.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';

const secret = newSecret(systemRandom).reveal();

test('places: in a .env everything but the variable is preserved, with any quotes, comments and line ends', () => {
  const text = [
    '# ACME_KEY=no',
    'OTHER="line one',
    'ACME_KEY=inside a text',
    'end"',
    "export ACME_KEY = 'old' # the key",
    'ACME_KEY_2=two',
    'ACME_KEY=older   # again',
    'LAST=1',
  ].join('\r\n');
  const written = dotenvFormat.write(text, secret, { name: 'ACME_KEY' });
  expect(written).toBe(text.replace("'old'", secret).replace('older', secret));
  expect(dotenvFormat.read(written, { name: 'ACME_KEY' })).toBe(secret);
  expect(dotenvFormat.write('A=1\r\nB=2', secret, { name: 'K' })).toBe(`A=1\r\nB=2\r\nK=${secret}\r\n`);
  expect(dotenvFormat.write('K=\nOTHER=1\n', secret, { name: 'K' })).toBe(`K=${secret}\nOTHER=1\n`);
  expect(dotenvFormat.write(null, secret, { name: 'K' })).toBe(`K=${secret}\n`);
});

test('places: in a .npmrc other registries and settings are preserved', () => {
  const text =
    '; comment\n@acme:registry=https://r.example/npm/\n//r.example/npm/:_authToken = "old"\n//r.example/:_authToken=x\n';
  const registry = 'https://r.example/npm';
  const written = npmrcFormat.write(text, secret, { registry });
  expect(written).toBe(text.replace('"old"', secret));
  expect(npmrcFormat.read(written, { registry })).toBe(secret);
  expect(npmrcFormat.write('a=1', secret, { registry })).toBe(`a=1\n//r.example/npm/:_authToken=${secret}\n`);
});

test('places: in a .netrc other machines, macros and comments are preserved, and a new entry precedes the default entry', () => {
  const machine = { host: 'git.example', login: 'ci' };
  const text = [
    '# machine git.example login ci password no',
    'machine other.example login ci password one',
    'machine git.example login somebody password two',
    'macdef init',
    'machine git.example login ci password three',
    '',
    'machine git.example',
    '  login ci',
    '  password "o\\"ld" # this',
    'default login anonymous password mail@example',
  ].join('\n');
  const written = netrcFormat.write(text, secret, machine);
  expect(written).toBe(text.replace('"o\\"ld"', secret));
  expect(netrcFormat.read(written, machine)).toBe(secret);
  const added = netrcFormat.write('default login a password b\n', secret, machine);
  expect(added).toBe(`machine git.example login ci password ${secret}\ndefault login a password b\n`);
  expect(netrcFormat.write('machine git.example login ci\n', secret, machine)).toBe(
    `machine git.example login ci password ${secret}\n`,
  );
  expect(netrcFormat.read(netrcFormat.write(null, secret, machine), machine)).toBe(secret);
});

test('places: in a NuGet.Config comments, other sources and formatting are preserved', () => {
  const source = { source: 'Acme Feed', username: 'ci' };
  const text = [
    '\uFEFF<?xml version="1.0" encoding="utf-8"?>',
    '<configuration>',
    "  <packageSources><add key='Acme Feed' value='https://r.example/v3/index.json?a=1&amp;b=2' /></packageSources>",
    '  <!-- <Acme_x0020_Feed><add key="ClearTextPassword" value="no" /></Acme_x0020_Feed> -->',
    '  <packageSourceCredentials>',
    '    <Other><add key="ClearTextPassword" value="keep" /></Other>',
    '    <Acme_x0020_Feed>',
    '      <add key="Username" value="somebody" />',
    '      <add\tvalue = \'old\' key="cleartextpassword"/>',
    '    </Acme_x0020_Feed>',
    '  </packageSourceCredentials>',
    '</configuration>',
  ].join('\r\n');
  const written = nugetConfigFormat.write(text, secret, source);
  expect(written).toBe(text.replace("'old'", `'${secret}'`));
  expect(nugetConfigFormat.read(written, source)).toBe(secret);
  const without = text.replace(/ {4}<Acme_x0020_Feed>\r\n.*?<\/Acme_x0020_Feed>\r\n/s, '');
  const added = nugetConfigFormat.write(without, secret, source);
  expect(nugetConfigFormat.read(added, source)).toBe(secret);
  expect(added.replace(/ {4}<Acme_x0020_Feed>\r\n.*?<\/Acme_x0020_Feed>\r\n/s, '')).toBe(without);
  for (const bare of [null, '<configuration/>', '<configuration><packageSourceCredentials /></configuration>']) {
    const written = nugetConfigFormat.write(bare, secret, source);
    expect(nugetConfigFormat.read(written, source)).toBe(secret);
    expect(nugetConfigFormat.write(written, 'kt_other', source)).toBe(written.replace(secret, 'kt_other'));
  }
});

test('places: in a NuGet.Config an encrypted password is replaced, because NuGet rejects two passwords', () => {
  const source = { source: 'Acme', username: 'ci' };
  const password = '<add key="Password" value="AQAAANCMnd8=" />';
  const text = `<configuration><packageSourceCredentials><Acme>
    <add key="Username" value="ci" />
    ${password}
  </Acme></packageSourceCredentials></configuration>`;
  const clear = `<add key="ClearTextPassword" value="${secret}"`;
  expect(nugetConfigFormat.write(text, secret, source)).toBe(text.replace(password, `${clear} />`));
  const open = text.replace(password, '<add key="password" value="x"></add>');
  expect(nugetConfigFormat.write(open, secret, source)).toBe(text.replace(password, `${clear}></add>`));
  expect(nugetConfigFormat.read(text, source)).toBeNull();
});

test('places: in a Docker configuration other members and the indent are preserved', () => {
  const registry = { registry: 'registry.example', username: 'ci' };
  const text =
    '{\n\t"auths": {\n\t\t"registry.example": {\n\t\t\t"auth": "b2xk",\n\t\t\t"email": "a@b"\n\t\t}\n\t},\n\t"psFormat": "x"\n}';
  const written = dockerConfigFormat.write(text, secret, registry);
  expect(written).toBe(text.replace('b2xk', Buffer.from(`ci:${secret}`).toString('base64')));
  expect(dockerConfigFormat.read(written, registry)).toBe(secret);
  expect(dockerConfigFormat.read(dockerConfigFormat.write(null, secret, registry), registry)).toBe(secret);
  const login = '{"auths":{"registry.example":{"auth":"b2xk","identitytoken":"x","registrytoken":"y"}}}';
  expect(JSON.parse(dockerConfigFormat.write(login, secret, registry))).toEqual({
    auths: { 'registry.example': { auth: Buffer.from(`ci:${secret}`).toString('base64') } },
  });
  expect(() => dockerConfigFormat.write('{"credsStore":"pass"}', secret, registry)).toThrow('credential store');
});

test('places: a file of another format is refused, and its content is not in the message', () => {
  const broken = `{"auths": ${secret}`;
  for (const write of [
    () => dockerConfigFormat.write(broken, 'kt', { registry: 'r', username: 'u' }),
    () => dockerConfigFormat.write('[]', 'kt', { registry: 'r', username: 'u' }),
    () =>
      nugetConfigFormat.write(`<configuration><a value="${secret}></configuration>`, 'kt', {
        source: 's',
        username: 'u',
      }),
    () => nugetConfigFormat.write('<other/>', 'kt', { source: 's', username: 'u' }),
  ]) {
    expect(write).toThrow(expect.objectContaining({ status: 65, message: expect.not.stringContaining(secret) }));
  }
});

test('places: for random texts writing preserves the rest, reading returns the secret, and writing is idempotent', () => {
  const formats = [
    (text: string) => [dotenvFormat.write(text, secret, { name: 'K' }), dotenvFormat.read] as const,
    (text: string) => [npmrcFormat.write(text, secret, { registry: 'https://r/' }), npmrcFormat.read] as const,
  ];
  const piece = constantFrom(
    'K',
    'A',
    '=',
    ' ',
    '\n',
    '\r\n',
    '#',
    "'",
    '"',
    '`',
    'export ',
    'x1',
    '//r/:_authToken=',
    '\\',
  );
  const text = array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  assert(
    property(text, (text) => {
      const [env] = formats[0]!(text);
      const [npm] = formats[1]!(text);
      expect(dotenvFormat.read(env, { name: 'K' })).toBe(secret);
      expect(dotenvFormat.write(env, secret, { name: 'K' })).toBe(env);
      expect(npmrcFormat.read(npm, { registry: 'https://r/' })).toBe(secret);
      expect(npmrcFormat.write(npm, secret, { registry: 'https://r/' })).toBe(npm);
    }),
  );
});
