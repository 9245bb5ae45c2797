import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exceptions, patterns } from './patterns.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What people read: code, the schema, guides. The changelog of past releases and licences stay as they are. */
const files = globSync(
  [
    'src/**/*.{ts,tsx}',
    'plugins/**/*.ts',
    'integrations/**/*.{mjs,yml}',
    'schema.graphql',
    'prisma/schema.prisma',
    '*.md',
    'docs/**/*.md',
  ],
  { cwd: root, exclude: ['src/console/built/**', 'src/console/api/{graphql,operations}.ts'] },
).toSorted();

const linesOf = (file: string) => readFileSync(`${root}/${file}`, 'utf8').split('\n');

const isExcepted = (file: string, line: string) =>
  exceptions.some((exception) => exception.file === file && exception.line.test(line));

test('language: no line has a way of writing that has to be read twice', () => {
  expect(files.length).toBeGreaterThan(500);
  const found = files.flatMap((file) =>
    linesOf(file).flatMap((line, index) =>
      patterns
        .filter((pattern) => pattern.found.test(line) && !isExcepted(file, line))
        .map(({ name, better }) => `${file}:${index + 1}: "${name}" → write ${better}: ${line.trim().slice(0, 120)}`),
    ),
  );
  expect(found).toEqual([]);
});

test('language: every exception is needed, and gives its reason', () => {
  for (const { file, line, reason } of exceptions) {
    expect(reason).toMatch(/\w+ \w+/);
    const needed = linesOf(file).some((text) => line.test(text) && patterns.some(({ found }) => found.test(text)));
    expect([file, String(line), needed]).toEqual([file, String(line), true]);
  }
});

test('language: no exported name stands in two files of src', () => {
  const declared = /^export (?:async )?(?:abstract )?(?:function\*?|const|class|interface|type|let) ([\w$]+)/gm;
  const places = new Map<string, string[]>();
  for (const file of files.filter((path) => path.startsWith('src/'))) {
    for (const [, name = ''] of readFileSync(`${root}/${file}`, 'utf8').matchAll(declared)) {
      places.set(name, [...(places.get(name) ?? []), file]);
    }
  }
  expect(places.size).toBeGreaterThan(500);
  expect([...places].filter(([, list]) => list.length > 1)).toEqual([]);
});

/** First words of function names that look like participles and are not. */
const verbsAndNouns = new Set(['need', 'seed', 'ping', 'bring', 'embed', 'feed', 'string']);

test('language: exported functions are verbs, or nouns with "of"', () => {
  const names = files
    .filter((path) => path.startsWith('src/'))
    .flatMap((file) =>
      [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/^export (?:async )?function\*? ([\w$]+)/gm)].map(
        ([, name = '']) => name,
      ),
    );
  expect(names.length).toBeGreaterThan(300);
  const participles = names.filter((name) => {
    const [first = ''] = /^[a-z]+/.exec(name) ?? [];
    const isAlone = first === name;
    const isParticiple = /(?:ed|ing)$|^(?:told|said|kept|seen|given|made|shown|sent|known)$/.test(first);
    return isAlone && isParticiple && !verbsAndNouns.has(first);
  });
  // `succeeded` is promised by keytide/client; `unauthenticated` makes the error with the code UNAUTHENTICATED.
  expect(participles).toEqual(['succeeded', 'unauthenticated']);
});
