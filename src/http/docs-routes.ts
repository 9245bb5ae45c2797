import type { OutgoingHttpHeaders } from 'node:http';
import { pathOf, type Route } from './find-route.ts';
import { sendHtmlPage } from './html-page.ts';
import type { HttpHandler } from './http-exchange.ts';
import { sendProblem } from './responses.ts';
import { CACHE_IMMUTABLE, CACHE_REVALIDATED, openOnce, sendStaticFile } from './static-files.ts';

export const DOCS_PATH = '/docs';
const ASSETS = 'assets/';
/** The page for addresses that have none. */
const NOT_FOUND = 'not-found';

/** The folder that the build of the site writes: the same path from here in a checkout and in the package. */
const builtSite = new URL('../site/built/', import.meta.url);

/** What pages may load: their own files. No text becomes markup or code (Trusted Types without any policy). */
const pageHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
} as const satisfies OutgoingHttpHeaders;

/** A picture has its own styles. Opened as a page it runs no script, and has no origin. */
const assetHeaders = {
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
} as const satisfies OutgoingHttpHeaders;

export interface DocsOptions {
  /** Whether the folder is listed again for each page: in development, where a build may replace it. */
  readonly isReread: boolean;
  /** Where the built site is. Absent: where the build writes it. */
  readonly folder?: URL;
}

/**
 * Returns the routes of the documents: pages below /docs, and the files that they load below /docs/assets/. Everyone may read
 * them. Nothing is read before the first request.
 */
export function docsRoutes({ isReread, folder = builtSite }: DocsOptions): [string, Route][] {
  const open = openOnce(folder);
  const handle: HttpHandler = async (request, response) => {
    const path = pathOf(request.url ?? '') ?? '';
    const name = path.slice(DOCS_PATH.length + 1);
    const isAsset = name.startsWith(ASSETS);
    const site = await open(isReread && !isAsset);
    if (site === null) return sendHtmlPage(response, 503, notBuilt);
    if (isAsset) {
      const asset = await site.file(name);
      if (asset === null) return sendProblem(response, 404, 'Not found. The documents have no such file.');
      return sendStaticFile(request, response, asset, { ...assetHeaders, 'Cache-Control': CACHE_IMMUTABLE });
    }
    const page = await site.file(name === '' ? 'index.html' : `${name}.html`);
    const headers = { ...pageHeaders, 'Cache-Control': CACHE_REVALIDATED };
    if (page !== null && name !== NOT_FOUND && path !== `${DOCS_PATH}/`) {
      return sendStaticFile(request, response, page, headers);
    }
    // A page has one address. The name of its file in the repository, and a final slash, lead there.
    const bare = name.replace(/(?:\.md|\/)$/, '');
    if (bare === '' || (bare !== name && (await site.file(`${bare}.html`)) !== null)) {
      const location = bare === '' ? DOCS_PATH : `${DOCS_PATH}/${bare}`;
      response.writeHead(308, { Location: location, 'Content-Length': 0 }).end();
      return;
    }
    const notFound = await site.file(`${NOT_FOUND}.html`);
    if (notFound === null) return sendProblem(response, 404, 'Not found. The documents have no such page.');
    sendStaticFile(request, response, notFound, headers, 404);
  };
  const route: Route = { methods: ['GET'], handle };
  return [
    [DOCS_PATH, route],
    [`${DOCS_PATH}/*`, route],
  ];
}

const notBuilt = {
  title: 'Keytide',
  body: `<h1>The documents are not built</h1>
<p>Run <code>npm run build:docs</code> in the checkout of this gateway, and load this page again. The same documents are in
its folder <code>docs</code>. Everything else works without them.</p>`,
};
