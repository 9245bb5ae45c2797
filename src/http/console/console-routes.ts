import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Random } from '../../store/random.ts';
import { pathOf, type Route } from '../find-route.ts';
import { sendHtmlPage } from '../html-page.ts';
import type { HttpHandler } from '../http-exchange.ts';
import { sendProblem } from '../responses.ts';
import { openBuiltConsole, type Asset, type BuiltConsole } from './built-console.ts';

/**
 * The first segments of the paths at which the console has pages. A path below one of them is served too: the page shows
 * what it finds there. A new page of the console gets its segment here, and in `src/console/routes.ts`.
 */
export const consoleSegments = ['sign-in', 'keys'] as const;

/** Cached forever: the name of an asset changes with its content. */
const CACHE_IMMUTABLE = 'public, max-age=31536000, immutable';

const NONCE_BYTES = 18;

export interface ConsoleOptions {
  readonly random: Random;
  /** Whether the console is read again for each page: in development, while a build watches its sources. */
  readonly isReread: boolean;
  /** Where the built console is. Absent: where the build writes it. */
  readonly folder?: URL;
}

/**
 * Returns the routes of the console: `/`, the pages by their first segments, and the assets that they load. The page is the
 * same for everyone and holds no data; its scripts ask /graphql. Nothing is read before the first request.
 */
export function consoleRoutes({ random, isReread, folder }: ConsoleOptions): [string, Route][] {
  let opening: Promise<BuiltConsole | null> | null = null;
  const open = () => (opening ??= openBuiltConsole(folder));
  const reopen = () => {
    opening = null;
    return open();
  };
  const servePage: HttpHandler = async (_request, response) => {
    const built = await (isReread ? reopen() : open());
    // A build that comes later is found without a restart.
    if (built === null) opening = null;
    if (built === null) return sendNotBuilt(response);
    sendPage(response, built.page, Buffer.from(random(NONCE_BYTES)).toString('base64'));
  };
  const serveAsset: HttpHandler = async (request, response) => {
    const name = pathOf(request.url ?? '')?.slice('/assets/'.length) ?? '';
    const asset = await (await open())?.asset(name);
    if (asset == null) return sendProblem(response, 404, 'Not found. The console has no such file.');
    sendAsset(request, response, asset);
  };
  const page: Route = { methods: ['GET'], handle: servePage };
  return [
    ['/', page],
    ...consoleSegments.flatMap((segment): [string, Route][] => [
      [`/${segment}`, page],
      [`/${segment}/*`, page],
    ]),
    ['/assets/*', { methods: ['GET'], handle: serveAsset }],
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

function sendPage(response: ServerResponse, page: string, nonce: string): void {
  const text = page.replaceAll('__NONCE__', nonce);
  response.writeHead(200, {
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

function sendAsset({ headers }: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const encoding = preferredEncoding(headers['accept-encoding']);
  const body = encoding === null ? asset.plain : asset[encoding];
  const etag = `"${asset.version}${encoding === null ? '' : `-${encoding}`}"`;
  const shared = {
    'Cache-Control': CACHE_IMMUTABLE,
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    ETag: etag,
    Vary: 'Accept-Encoding',
  };
  const known = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known?.includes(etag) === true) {
    response.writeHead(304, shared).end();
    return;
  }
  response.writeHead(200, {
    ...shared,
    'Content-Type': asset.type,
    'Content-Length': body.length,
    ...(encoding !== null && { 'Content-Encoding': encoding }),
  });
  response.end(body);
}

/** Returns the smallest form that a request accepts; null: only the plain one. A coding with q=0 is not accepted. */
function preferredEncoding(accepted: string | string[] | undefined): 'br' | 'gzip' | null {
  const codings = String(accepted ?? '')
    .split(',')
    .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]?.trim());
  return (['br', 'gzip'] as const).find((coding) => codings.includes(coding)) ?? null;
}
