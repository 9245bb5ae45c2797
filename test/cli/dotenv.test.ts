import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { array, assert, constantFrom, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { dotenvFormat } from '../../src/cli/deployers/files/dotenv.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const secret = newSecret(systemRandom).reveal();

/** What a shell prints for variables after it has read a file, and on standard error; for each of the texts. */
function readByShell(texts: readonly string[], ...names: string[]): string[][] {
  const folder = scratchFolder();
  texts.forEach((text, index) => writeFileSync(join(folder, String(index)), text));
  const printed = names.map((name) => `"$${name}"`).join(' ');
  // A shell of its own for each file, in one process: a process for each takes most of the test's time.
  const script = `for file in $(seq 0 ${texts.length - 1}); do
    ( . ./$file; printf '%s\\0' ${printed} ) > $file.out 2> $file.err < /dev/null
  done`;
  spawnSync('/bin/sh', ['-c', script], { cwd: folder, env: { PATH: process.env['PATH'] } });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return texts.map((_, index) => [...read(`${index}.out`).split('\0').slice(0, -1), read(`${index}.err`)]);
}

/** A value without quotes in python-dotenv (its parser, `parse_unquoted_value`): up to white space and `#`. */
function readByPython(text: string, name: string): string | undefined {
  const line = text.split(/\r\n|\n|\r/).findLast((found) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(found));
  return line
    ?.replace(/^[^=]*=[^\S\r\n]*/, '')
    .replace(/\s+#.*/, '')
    .trimEnd();
}

test.each([
  ['KEY= # from the console', 'KEY=@ # from the console'],
  ['KEY=\t# a', 'KEY=@\t# a'],
  ['KEY=tok#en-1', 'KEY=@'],
  ['KEY=#not-a-comment', 'KEY=@'],
  ['KEY=old# no comment', 'KEY=@'],
  ['KEY=old\t#tight', 'KEY=@\t#tight'],
  ['KEY= old # again', 'KEY=@ # again'],
  ['KEY="a # b" # c', 'KEY=@ # c'],
  ["KEY='a'# c", 'KEY=@ # c'],
  ['KEY=two words # c', 'KEY=@ # c'],
  ['KEY=   ', 'KEY=@   '],
  ['KEY="never closed', 'KEY=@'],
  ['export KEY="old"; export KEY', 'export KEY=@; export KEY'],
  ['KEY=old; export KEY # c', 'KEY=@; export KEY # c'],
  ['export KEY=old OTHER=1', 'export KEY=@ OTHER=1'],
  ['KEY=a"b"c # d', 'KEY=@ # d'],
  ['KEY="line one\nline # two" # c', 'KEY=@ # c'],
])('dotenv: %j becomes %j, and a shell, dotenv and python-dotenv read the secret', (line, expected) => {
  for (const [before, after] of [
    ['', ''],
    ['A=1\n', '\nB=2'],
    ["# it's\nA='1'\n", '\n# "last'],
  ] as const) {
    const written = dotenvFormat.write(before + line + after, secret, { name: 'KEY' });
    expect(written).toBe(before + expected.replace('@', secret) + after);
    expect(dotenvFormat.read(written, { name: 'KEY' })).toBe(secret);
    expect(readByShell([written], 'KEY')).toEqual([[secret, '']]);
    // Only a shell reads lines with more than an assignment.
    if (/;|OTHER/.test(line)) continue;
    expect(parse(written)['KEY']).toBe(secret);
    expect(readByPython(written, 'KEY')).toBe(secret);
  }
});

test('dotenv: a value that is a reference to another variable or a command is not overwritten', () => {
  for (const value of ['${OTHER}', '"$OTHER"', '$(pass show acme)', '"${OTHER:-x}"']) {
    expect(() => dotenvFormat.write(`KEY=${value}\n`, secret, { name: 'KEY' }), value).toThrow(/KEY is a reference/);
  }
  const literal = "KEY='$OTHER'\n";
  expect(dotenvFormat.write(literal, secret, { name: 'KEY' })).toBe(`KEY=${secret}\n`);
});

test('dotenv: in random files each other variable keeps its value for every reader, and each other byte stays', () => {
  const value = constantFrom('', 'plain', 'tok#en', "'single # x'", '"double"', '"two\nlines"', "'it is'", 'a.b/c:d');
  const line = record({
    head: constantFrom('', '  ', 'export '),
    value,
    tail: constantFrom('', ' # comment', "\t#it's", '  ', ' # "'),
    name: constantFrom('A', 'B', 'KEY_2', 'KEY'),
  });
  const print = ({ head, name, value: text, tail }: { head: string; name: string; value: string; tail: string }) =>
    `${head}${name}=${text}${tail}`;
  const forShell: { readonly text: string; readonly written: string }[] = [];
  assert(
    property(array(line, { maxLength: 6 }), constantFrom('\n', '\r\n'), (lines, end) => {
      // A shell takes a carriage return for a part of the value.
      const isForShell = end === '\n';
      const text = lines.map((given) => print(given) + end).join('');
      const written = dotenvFormat.write(text, secret, { name: 'KEY' });
      const replaced = lines.map((given) => print(given.name === 'KEY' ? { ...given, value: secret } : given) + end);
      const added = lines.some(({ name }) => name === 'KEY') ? '' : `KEY=${secret}${lines.length > 0 ? end : '\n'}`;
      // The line end of a file is the one of its first line, which a quoted value may cut.
      if (isForShell) expect(written).toBe(replaced.join('') + added);
      expect(parse(written)).toEqual({ ...parse(text), KEY: secret });
      expect(dotenvFormat.read(written, { name: 'KEY' })).toBe(secret);
      expect(dotenvFormat.write(written, secret, { name: 'KEY' })).toBe(written);
      if (isForShell) forShell.push({ text, written });
    }),
  );
  const textsOf = (part: 'text' | 'written') => forShell.map((file) => file[part]);
  const before = readByShell(textsOf('text'), 'A', 'B', 'KEY_2');
  const after = readByShell(textsOf('written'), 'KEY', 'A', 'B', 'KEY_2');
  expect(forShell.length).toBeGreaterThan(10);
  forShell.forEach(({ written }, index) => {
    expect(after[index], written).toEqual([secret, ...before[index]!]);
  });
});
