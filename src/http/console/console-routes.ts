import type { ServerResponse } from 'node:http';
import type { Random } from '../../store/random.ts';
import { MISSING_PAGE, pathOf, type Route } from '../find-route.ts';
import { sendHtmlPage } from '../html-page.ts';
import type { HttpHandler } from '../http-exchange.ts';
import { sendProblem } from '../responses.ts';
import { CACHE_IMMUTABLE, openOnce, sendStaticFile } from '../static-files.ts';

/**
 * The first segments of the paths at which the console has pages. A path below one of them is served too: the page shows
 * what it finds there. A new page of the console gets its segment here, and in `src/console/routes.ts`.
 */
export const consoleSegments = [
  'sign-in',
  'keys',
  'policies',
  'settings',
  'events',
  'webhooks',
  'leaks',
  'rules',
  'realms',
  'organizations',
  'people',
  'invitation',
  'timeline',
  'operations',
  'rollouts',
] as const;

/** The folder that the build of the console writes: the same path from here in a checkout and in the package. */
const builtConsole = new URL('../../console/built/', import.meta.url);

/** Nothing is to be done with an asset but to load it into the page. */
const assetHeaders = {
  'Cache-Control': CACHE_IMMUTABLE,
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

const NONCE_BYTES = 18;

export interface ConsoleOptions {
  readonly random: Random;
  /** Whether the console is read again for each page: in development, while a build watches its sources. */
  readonly isReread: boolean;
  /** Where the built console is. Absent: where the build writes it. */
  readonly folder?: URL;
}

/**
 * Returns the routes of the console: `/`, the pages by their first segments, the assets that they load, and the page for an
 * address that has none. The page is the same for everyone and holds no data; its scripts ask /graphql. Nothing is read before the first request.
 */
export function consoleRoutes({ random, isReread, folder = builtConsole }: ConsoleOptions): [string, Route][] {
  const open = openOnce(folder);
  const servePage = async (response: ServerResponse, status: number): Promise<void> => {
    const findPage = async (isFresh: boolean) => (await open(isFresh))?.file('index.html');
    // A build that comes later is found without a restart.
    const page = (await findPage(isReread)) ?? (await findPage(true));
    if (page == null) return sendNotBuilt(response);
    sendPage(response, status, page.plain.toString(), Buffer.from(random(NONCE_BYTES)).toString('base64'));
  };
  const serveAsset: HttpHandler = async (request, response) => {
    const asset = await (await open())?.file(pathOf(request.url ?? '')?.slice(1) ?? '');
    if (asset == null) return sendProblem(response, 404, 'Not found. The console has no such file.');
    sendStaticFile(request, response, asset, assetHeaders);
  };
  const page: Route = { methods: ['GET'], handle: (_request, response) => servePage(response, 200) };
  return [
    ['/', page],
    ...consoleSegments.flatMap((segment): [string, Route][] => [
      [`/${segment}`, page],
      // Below /leaks scanners send their reports: the address of an unknown scanner stays unknown.
      ...(segment === 'leaks' ? [] : [[`/${segment}/*`, page] satisfies [string, Route]]),
    ]),
    ['/assets/*', { methods: ['GET'], handle: serveAsset }],
    // The console says at an address that it does not know that there is no such page.
    [MISSING_PAGE, { handle: (_request, response) => servePage(response, 404) }],
  ];
}

/**
 * Returns the Content-Security-Policy of the page: scripts and styles with this nonce alone, connections to this origin, and
 * no text becomes markup or code (Trusted Types without any policy).
 */
function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function sendPage(response: ServerResponse, status: number, page: string, nonce: string): void {
  const text = page.replaceAll('__NONCE__', nonce);
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Content-Security-Policy': pagePolicy(nonce),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  response.end(text);
}

function sendNotBuilt(response: ServerResponse): void {
  const body = `<h1>The console is not built</h1>
<p>Run <code>npm run build:console</code> in the checkout of this gateway, and load this page again. Everything else works
without it: the address of the API is <code>/graphql</code>.</p>`;
  sendHtmlPage(response, 503, { title: 'Keytide', body });
}
