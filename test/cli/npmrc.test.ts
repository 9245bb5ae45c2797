import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { array, assert, constantFrom, property } from 'fast-check';
import { expect, test } from 'vitest';
import { npmrcFormat } from '../../src/cli/deployers/files/npmrc.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';

const secret = newSecret(systemRandom).reveal();
const registry = 'https://r.example/npm/';
const name = '//r.example/npm/:_authToken';

/** The command npm, with the packages by which npm itself reads its files. */
const npm = realpathSync(execFileSync('/bin/sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim());
const load = createRequire(npm);
const { parse } = load('ini') as { parse(text: string): Record<string, unknown> };

test.each([
  ['[section]\na=1\n', `${name}=@\n[section]\na=1\n`],
  ['a=1\n\n[s]\n', `a=1\n\n${name}=@\n[s]\n`],
  [`[s]\n${name}=old\n`, `${name}=@\n[s]\n${name}=old\n`],
  [`a=1\r\n[s]\r\n`, `a=1\r\n${name}=@\r\n[s]\r\n`],
  [`${name}=old ; comment`, `${name}=@ ; comment`],
  [`${name}=old#comment\n`, `${name}=@#comment\n`],
  [`${name} = "a;b"\n`, `${name} = @\n`],
  [`${name}='old'\n`, `${name}=@\n`],
  [`"${name}"=old\n`, `"${name}"=@\n`],
  [`${name}=a\\;b ;c\n`, `${name}=@ ;c\n`],
  [`${name}\n`, `${name}\n${name}=@\n`],
  [`;${name}=old\n`, `;${name}=old\n${name}=@\n`],
  [`${name}=\\\${NPM}\n`, `${name}=@\n`],
  [`a=[x]\n [s]\nb=1`, `a=[x]\n [s]\nb=1\n${name}=@\n`],
])('npmrc: %j becomes %j, and npm reads the secret', (text, expected) => {
  const written = npmrcFormat.write(text, secret, { registry });
  expect(written).toBe(expected.replace('@', secret));
  expect(parse(written)[name]).toBe(secret);
  expect(npmrcFormat.read(written, { registry })).toBe(secret);
});

test('npmrc: a token in a section, which npm ignores, does not count as there', () => {
  expect(npmrcFormat.read(`[s]\n${name}=${secret}\n`, { registry })).toBeNull();
});

test('npmrc: a token from an environment variable is not overwritten', () => {
  for (const value of ['${NPM_TOKEN}', '"${NPM_TOKEN}"', '${NPM_TOKEN?}', 'a${X}b', '\\\\\\\\${NPM_TOKEN}']) {
    expect(() => npmrcFormat.write(`${name}=${value}\n`, secret, { registry }), value).toThrow(
      expect.objectContaining({ status: 78, message: expect.stringContaining('environment variable') }),
    );
  }
});

test('npmrc: in random files npm reads the secret, and every other setting stays', () => {
  const line = constantFrom(
    'a=1',
    '; a comment',
    '# //r.example/npm/:_authToken=no',
    '',
    '  ',
    '[s]',
    '[]',
    ' [not.a.section]',
    `${name}=old`,
    `${name} = 'x;y' `,
    `\t${name}=old ;c`,
    '//r.example/:_authToken=other',
    'b[]=1',
    'b[]=2',
    'c="quoted # text"',
    'd=${HOME}/x',
  );
  assert(
    property(array(line, { maxLength: 8 }), constantFrom('\n', '\r\n', '\n\n'), (lines, end) => {
      const text = lines.join(end);
      const written = npmrcFormat.write(text, secret, { registry });
      expect(parse(written)).toEqual({ ...parse(text), [name]: secret });
      expect(npmrcFormat.read(written, { registry })).toBe(secret);
      expect(npmrcFormat.write(written, secret, { registry })).toBe(written);
    }),
    { numRuns: 500 },
  );
});
