import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { buildSchema, parse, specifiedRules, validate } from 'graphql';
import { parseAst } from 'vite';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { commandTable } from '../../src/cli/all-commands.ts';
import { codeBlocks } from './read-guide.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Example {
  readonly file: string;
  readonly text: string;
}

/** The blocks of code in these languages, of all documents. */
function examples(...languages: readonly string[]): readonly Example[] {
  const files = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })];
  return files.flatMap((file) => {
    const document = readFileSync(root + file, 'utf8');
    return languages.flatMap((language) => codeBlocks(document, language)).map((text) => ({ file, text }));
  });
}

/** What is wrong with each example, by file; nothing for those that are good. */
async function findFaults(of: readonly Example[], fault: (text: string) => Promise<string[]> | string[]) {
  const found = await Promise.all(
    of.map(async ({ file, text }) => (await fault(text)).map((message) => `${file}: ${message}\n${text}`)),
  );
  return found.flat();
}

function messagesOf(action: () => unknown): string[] {
  try {
    action();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Whether each line is a value of its own, as in NDJSON. */
const isLines = (text: string) =>
  text.startsWith('{"') &&
  text
    .trim()
    .split('\n')
    .every((line) => line.endsWith('}'));

test('documents: each operation that they show is one of the schema', async () => {
  const schema = buildSchema(readFileSync(`${root}schema.graphql`, 'utf8'));
  const operations = examples('graphql');
  expect(operations.length).toBeGreaterThan(25);
  const faults = await findFaults(operations, (text) =>
    validate(schema, parse(text), specifiedRules).map(({ message }) => message),
  );
  expect(faults).toEqual([]);
});

test('documents: JSON, YAML and scripts that they show can be parsed', async () => {
  const json = examples('json');
  const yaml = examples('yaml');
  const scripts = examples('js', 'ts');
  const shell = examples('sh');
  expect([json, yaml, scripts, shell].map(({ length }) => length > 5)).toEqual([true, true, true, true]);
  expect([
    ...(await findFaults(json, (text) =>
      messagesOf(() => (isLines(text) ? text.trim().split('\n') : [text]).map((part) => JSON.parse(part))),
    )),
    ...(await findFaults(yaml, (text) => parseAllDocuments(text).flatMap(({ errors }) => errors.map(String)))),
    ...(await findFaults(scripts, (text) => messagesOf(() => parseAst(text, { lang: 'ts' })))),
    ...(await findFaults(shell, (text) =>
      messagesOf(() => execFileSync('bash', ['-n'], { input: text, stdio: ['pipe', 'ignore', 'pipe'] })),
    )),
  ]).toEqual([]);
});

test('documents: each call of keytide that they show is of a command, with options that it has', async () => {
  const calls = examples('sh', 'yaml').flatMap(({ file, text }) =>
    [
      ...text.replaceAll(/\\\n\s*/g, ' ').matchAll(/(?:^ *|npx (?:--yes )?|run: |&& )keytide (?=[a-z])([^\n;|&<>]*)/gm),
    ].map(([, call = '']) => ({ file, call })),
  );
  const options = new Map<string, ReadonlySet<string>>();
  for (const entry of commandTable) {
    const parser = new Command(entry.name);
    (await entry.load()).declare(parser);
    options.set(
      entry.name,
      new Set(parser.options.flatMap(({ long, short }) => [long, short].filter((name) => name != null))),
    );
  }
  const faults = calls.flatMap(({ file, call }) => {
    const [name = '', ...words] = call.trim().split(/\s+/);
    const known = options.get(name);
    if (known === undefined) return [`${file}: there is no command ${name}`];
    const given = words.filter((word) => word.startsWith('--')).map((word) => word.replace(/[=`'")].*$/, ''));
    return given.filter((word) => !known.has(word)).map((word) => `${file}: ${name} has no option ${word}`);
  });
  expect(calls.length).toBeGreaterThan(25);
  expect(faults).toEqual([]);
});
