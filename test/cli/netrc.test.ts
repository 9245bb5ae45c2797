import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { array, assert, constantFrom, property, record } from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { netrcFormat } from '../../src/cli/deployers/files/netrc.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const secret = newSecret(systemRandom).reveal();
const machine = { host: 'git.example', login: 'ci' };

/** Starts a server, and returns a function that says which password curl sends for ci at a host, with a given file. */
async function openCurl(): Promise<(text: string, host?: string) => Promise<string | null>> {
  const server = createServer((request, response) => response.end(request.headers.authorization ?? ''));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const file = join(scratchFolder(), 'netrc');
  const { port } = server.address() as AddressInfo;
  return async (text, host = 'git.example') => {
    writeFileSync(file, text);
    const words = ['-s', '-q', '--noproxy', '*', '--netrc-file', file, '--connect-to', `::127.0.0.1:${port}`];
    const { stdout } = await promisify(execFile)('curl', [...words, `http://ci@${host}/`]);
    const [login, password] = Buffer.from(stdout.replace('Basic ', ''), 'base64').toString('utf8').split(':');
    return login === 'ci' && password !== '' ? (password ?? null) : null;
  };
}

test.each([
  ['machine Git.Example login ci password old', 'machine Git.Example login ci password @'],
  ['MACHINE git.example LOGIN ci PASSWORD old', 'MACHINE git.example LOGIN ci PASSWORD @'],
  [
    'machine git.example login ci password "x1\nmachine b.example login ci password b',
    'machine git.example login ci password @\nmachine b.example login ci password b',
  ],
  ['machine git.example login ci password "a \\"b\\" c" # d', 'machine git.example login ci password @ # d'],
  ['machine git.example # a\n login ci # b\n password old', 'machine git.example # a\n login ci # b\n password @'],
  [
    'machine git.example login bob password b\nmachine git.example login ci password old',
    'machine git.example login bob password b\nmachine git.example login ci password @',
  ],
  ['machine git.example password p', 'machine git.example login ci password @'],
  [
    'machine git.example password p\nmachine git.example login ci password old',
    'machine git.example password p\nmachine git.example login ci password @',
  ],
  ['machine git.example login ci\n', 'machine git.example login ci password @\n'],
  [
    'default login anonymous password a\nmachine git.example login ci password old\n',
    'machine git.example login ci password @\ndefault login anonymous password a\nmachine git.example login ci password old\n',
  ],
  ['macdef init\n cd /x', 'macdef init\n cd /x\n\nmachine git.example login ci password @\n'],
  [
    'macdef init\n cd /x\n \nmachine git.example login ci password no\n\n',
    'macdef init\n cd /x\n \nmachine git.example login ci password no\n\nmachine git.example login ci password @\n',
  ],
  [
    'machine b.example login ci password b\r\n',
    'machine b.example login ci password b\r\nmachine git.example login ci password @\r\n',
  ],
])('netrc: %j becomes %j, and curl reads the secret', async (text, expected) => {
  const readByCurl = await openCurl();
  const written = netrcFormat.write(text, secret, machine);
  expect(written).toBe(expected.replace('@', secret));
  expect(netrcFormat.read(written, machine)).toBe(secret);
  expect(netrcFormat.write(written, secret, machine)).toBe(written);
  expect(await readByCurl(written)).toBe(secret);
  if (text.includes('b.example')) expect(await readByCurl(written, 'b.example')).toBe('b');
});

test('netrc: another machine’s quote that never closes ends on its line', () => {
  const text = 'machine a.example login x password "x1\nmachine git.example login ci password old\n';
  expect(netrcFormat.write(text, secret, machine)).toBe(text.replace('old', secret));
  const other = 'machine a.example login "x\n  password "y\n# "\nmachine git.example login ci password "old"\n';
  expect(netrcFormat.write(other, secret, machine)).toBe(other.replace('"old"', secret));
});

test(
  'netrc: in random files curl reads the secret, and what it reads for other machines stays',
  { timeout: 120_000 },
  async () => {
    const readByCurl = await openCurl();
    const entry = record({
      host: constantFrom('git.example', 'GIT.example', 'a.example', 'b.example'),
      login: constantFrom(' login ci', '\n\tlogin ci', ' login "ci"', ' login bob'),
      password: constantFrom(' password p1', ' password "p 2"', '\n password p#3', ' account x password p4'),
      end: constantFrom('\n', ' # it"s\n', '\n\n', '\r\n', '\nmacdef m\n machine git.example\n\n'),
    });
    const print = (entries: readonly { host: string; login: string; password: string; end: string }[]) =>
      entries.map(({ host, login, password, end }) => `machine ${host}${login}${password}${end}`).join('');
    const files: { readonly text: string; readonly others: readonly string[] }[] = [];
    assert(
      property(array(entry, { maxLength: 4 }), (entries) => {
        const text = print(entries);
        const written = netrcFormat.write(text, secret, machine);
        const at = written.indexOf(secret);
        const [before, after] = [written.slice(0, at), written.slice(at + secret.length)];
        const added = 'machine git.example login ci password ';
        const isNew = !entries.some(({ host, login }) => /^git/i.test(host) && !login.includes('bob'));
        expect(text.startsWith(isNew ? before.slice(0, -added.length) : before)).toBe(true);
        expect(isNew || text.endsWith(after)).toBe(true);
        expect(netrcFormat.read(written, machine)).toBe(secret);
        // Of a machine with an entry for another login, curl reads that entry's password at the end of the file.
        const isAnswered = (name: string) =>
          entries.every(({ host, login }) => host !== name || !login.includes('bob'));
        files.push({ text, others: ['a.example', 'b.example'].filter(isAnswered) });
      }),
    );
    expect(files.slice(0, 40).some(({ others }) => others.length > 0)).toBe(true);
    for (const { text, others } of files.slice(0, 40)) {
      const written = netrcFormat.write(text, secret, machine);
      expect(await readByCurl(written), text).toBe(secret);
      for (const host of others) expect(await readByCurl(written, host), text).toBe(await readByCurl(text, host));
    }
  },
);
