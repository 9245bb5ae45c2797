import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { bundleScript } from './bundle-script.ts';
import { markdown, parseDocument, readDocuments, type Document } from './documents.ts';
import { addressOf, resolveLinks, type LinkTargets } from './links.ts';
import { readNavigation } from './navigation.ts';
import { SiteWriter } from './site-writer.ts';
import { layOutPage, type SiteFrame } from './page.ts';
import { describeSchema } from './schema-reference.ts';
import { indexPages } from './search-index.ts';

// Builds the documents of the repository into a site: `npm run build:docs`. The gateway serves it (src/http/docs-routes.ts).

const root = fileURLToPath(new URL('../../', import.meta.url));
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string', default: here('built') } } });

/** Folders that get a page with the list of their documents, and its title. */
const listedFolders: Readonly<Record<string, string>> = {
  decisions: 'Decisions',
  errors: 'Every code',
  policies: 'Shipped policies',
};
/** Pages whose part of the navigation is that of another page: the folders of lists, and the reference of the schema. */
const parentFolders = new Set([...Object.keys(listedFolders), 'schema']);

interface PackageFacts {
  readonly version: string;
  readonly repository?: string | { readonly url: string };
}

const documents = readDocuments(root, 'docs');
const lists = Object.entries(listedFolders).map(([folder, title]) => listFolder(folder, title));
const codes = new Set(documents.flatMap(({ name }) => /^errors\/([A-Z_]+)$/.exec(name)?.[1] ?? []));
const reference = describeSchema(readFileSync(`${root}schema.graphql`, 'utf8'), codes);
const all = [...documents, ...lists, ...reference];

const writer = new SiteWriter(values.out);
const [style, script, icon] = await Promise.all([
  writer.addAsset(
    'site.css',
    Buffer.concat(['../console/styles/tokens.css', 'styles.css'].map((name) => readFileSync(here(name)))),
  ),
  bundleScript(here('client/start.ts')).then((code) => writer.addAsset('site.js', Buffer.from(code))),
  writer.addAsset('icon.svg', readFileSync(here('icon.svg'))),
]);
const assets = new Map<string, string>();
for (const path of globSync('docs/**/*.{svg,json}', { cwd: root })) {
  assets.set(path, await writer.addAsset(path.replace(/^.*\//, ''), readFileSync(root + path)));
}

const targets: LinkTargets = {
  pages: new Map([
    ...all.map((document) => [document.path ?? `docs/${document.name}`, document] as const),
    ...reference.slice(0, 1).map((document) => ['schema.graphql', document] as const),
  ]),
  asset: (path) => assets.get(path) ?? null,
  sources: sourcesOf(packageJson as PackageFacts),
};
for (const document of all) resolveLinks(document, targets);

const pages = all.map((document) => ({
  address: addressOf(document.name),
  title: document.title,
  html: markdown.renderer.render(document.tokens, markdown.options, {}),
  sections: document.sections,
  ...parentOf(document.name),
}));
const index = await writer.addAsset('search.json', Buffer.from(JSON.stringify(indexPages(pages))));
const first = documents.find(({ name }) => name === '');
if (first === undefined) throw new Error('docs/README.md is missing: the first page of the site, and its navigation.');
const frame: SiteFrame = {
  navigation: readNavigation(first),
  version: packageJson.version,
  assets: { style, script, icon, index },
};
for (const page of pages) {
  const name = page.address.replace(/^\/docs\/?/, '');
  await writer.addPage(name === '' ? 'index' : name, layOutPage(page, frame));
}
await writer.addPage('not-found', layOutPage(notFoundPage(), frame));
await writer.finish();

function listFolder(folder: string, title: string): Document {
  const entries = documents
    .filter(({ name }) => name.startsWith(`${folder}/`))
    .map(({ name, title: label }) => `- [${label}](${addressOf(name)})`);
  return parseDocument(folder, `# ${title}\n\n${entries.join('\n')}\n`, null);
}

/** Returns the page that lists the page of this name, for the navigation. */
function parentOf(name: string): { parent?: string } {
  const [folder = ''] = name.split('/');
  return folder !== name && parentFolders.has(folder) ? { parent: addressOf(folder) } : {};
}

function notFoundPage() {
  const html = `<h1>Not found</h1>
<p>The documents have no page at this address. Search above, or start at <a href="/docs">the first page</a>.</p>
`;
  return { address: '/docs/not-found', title: 'Not found', html, sections: [] };
}

/** Returns where the files of the repository are published, if the package says so. */
function sourcesOf({ repository }: PackageFacts): string | null {
  const url = typeof repository === 'string' ? repository : repository?.url;
  if (url === undefined) return null;
  const address = url.replace(/^git\+/, '').replace(/\.git$/, '');
  if (!address.startsWith('https://')) throw new Error(`repository: found ${url}; expected an https address.`);
  return `${address}/blob/main/`;
}
