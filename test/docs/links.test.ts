import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);

/** A guide that is longer is split by task. */
const GUIDE_LINES_MAX = 120;

const documents = readdirSync(root, { withFileTypes: true })
  .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules' && name !== 'dist')
  .flatMap((entry) => (entry.isDirectory() ? markdownIn(entry.name) : entry.name.endsWith('.md') ? [entry.name] : []));

test.each(documents)('links: every relative link of %s leads to a file, and to a heading if it names one', (path) => {
  const text = proseOf(readFileSync(new URL(path, root), 'utf8'));
  const links = [...text.matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !resolves(link, path))).toEqual([]);
});

test.each(documents)('links: every path of ours that %s names in code exists', (path) => {
  const text = readFileSync(new URL(path, root), 'utf8');
  const paths = [...text.matchAll(/`((?:src|test|plugins|prisma|bench|docs)\/[\w./-]+)`/g)].map(
    ([, name = '']) => name,
  );
  expect(paths.filter((name) => !existsSync(new URL(name, root)))).toEqual([]);
});

test.each(documents.filter((path) => path.startsWith('docs/guides/')))(
  `links: %s has at most ${GUIDE_LINES_MAX} lines`,
  (path) => {
    const lines = readFileSync(new URL(path, root), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(GUIDE_LINES_MAX);
  },
);

test('links: README links to every guide, or to a document that does', () => {
  const linked = new Set<string>();
  const open = ['README.md'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const [, link = ''] of readFileSync(new URL(path, root), 'utf8').matchAll(/\]\(([^):#]+\.md)(?:#[^)]*)?\)/g)) {
      const target = new URL(link, new URL(path, root)).href.slice(root.href.length);
      if (!target.startsWith('docs/') || linked.has(target)) continue;
      linked.add(target);
      open.push(target);
    }
  }
  const isGuide = (path: string) => path.startsWith('docs/guides/');
  expect([...linked].filter(isGuide).sort()).toEqual(documents.filter(isGuide).sort());
});

function markdownIn(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules/'))
    .map((path) => `${folder}/${path}`);
}

/** Returns a document without its code. */
function proseOf(text: string): string {
  return text.replaceAll(/^ *```.*?^ *```/gms, '').replaceAll(/`[^`\n]*`/g, '');
}

function resolves(link: string, from: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? new URL(from, root) : new URL(path, new URL(from, root));
  if (!existsSync(target)) return false;
  return anchor === undefined || (target.href.endsWith('.md') && anchorsOf(target).has(anchor));
}

/** Returns the anchors that GitHub gives to the headings of a document. */
function anchorsOf(target: URL): ReadonlySet<string> {
  const headings = readFileSync(target, 'utf8')
    .replaceAll(/^ *```.*?^ *```/gms, '')
    .matchAll(/^#{1,6} (.+)$/gm);
  const anchors = new Set<string>();
  for (const [, heading = ''] of headings) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let number = 1; anchors.has(unique); number += 1) unique = `${anchor}-${number}`;
    anchors.add(unique);
  }
  return anchors;
}
