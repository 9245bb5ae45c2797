import { createHash } from 'node:crypto';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { htmlDocument } from '../domain/html.ts';
import type { Route } from './find-route.ts';
import { sendHtmlPage } from './html-page.ts';
import type { HttpHandler } from './http-exchange.ts';
import { sendProblem } from './responses.ts';
import { CACHE_REVALIDATED, openOnce, sendStaticFile } from './static-files.ts';

/** The script of the element for the keys of a customer, which pages of all sites may load. */
export const KEYS_ELEMENT_PATH = '/portal/keytide-keys.js';

/** The page with that element, to link to. */
export const MY_KEYS_PATH = '/my-keys';

const SCRIPT = 'portal/keytide-keys.js';

/** The folder that the build of the console writes: the same path from here in a checkout and in the package. */
const builtConsole = new URL('../console/built/', import.meta.url);

/** The script holds no data: any page may load it, also one that is isolated from other origins, and compare its hash. */
const scriptHeaders = {
  'Cache-Control': CACHE_REVALIDATED,
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
} as const satisfies OutgoingHttpHeaders;

const styles = `
:root { color-scheme: light dark; background: light-dark(#f6f8f9, #0e1619); color: light-dark(#12252d, #e4eef1);
  font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 16px 0; }
h1 { margin: 0 16px; font-size: 24px; font-weight: 650; line-height: 1.25; }
`;

const page = htmlDocument(
  'Your API keys',
  '<main>\n<h1>Your API keys</h1>\n<keytide-keys by-link></keytide-keys>\n<noscript><p>This page needs JavaScript.</p></noscript>\n</main>',
  `<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><style>${styles}</style><script src="${KEYS_ELEMENT_PATH}" defer></script>`,
);

const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Length': Buffer.byteLength(page),
  'Cache-Control': 'no-store',
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'sha256-${createHash('sha256').update(styles).digest('base64')}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const satisfies OutgoingHttpHeaders;

export interface PortalPageOptions {
  /** Whether the script is read again each time: in development, while a build watches its sources. */
  readonly isReread: boolean;
  /** Where the built console is. Absent: where the build writes it. */
  readonly folder?: URL;
}

/**
 * Returns the routes of the element for a customer’s keys and of the page with it. Neither holds a credential: the page takes the
 * one-time code of a portal session from the fragment of its address, which is in no request.
 */
export function portalPageRoutes({ isReread, folder = builtConsole }: PortalPageOptions): [string, Route][] {
  const open = openOnce(folder);
  // A build that comes later is found without a restart.
  const findScript = async () =>
    (await (await open(isReread))?.file(SCRIPT)) ?? (await (await open(true))?.file(SCRIPT)) ?? null;
  const serveScript: HttpHandler = async (request, response) => {
    const script = await findScript();
    if (script === null) return sendProblem(response, 503, 'The console is not built: npm run build:console.');
    sendStaticFile(request, response, script, scriptHeaders);
  };
  const servePage: HttpHandler = async (_request, response) => {
    if ((await findScript()) === null) return sendNotBuilt(response);
    response.writeHead(200, pageHeaders).end(page);
  };
  return [
    [KEYS_ELEMENT_PATH, { methods: ['GET'], handle: serveScript }],
    [MY_KEYS_PATH, { methods: ['GET'], handle: servePage }],
  ];
}

function sendNotBuilt(response: ServerResponse): void {
  const body = '<h1>This page is not built</h1>\n<p>Run <code>npm run build:console</code>, and load it again.</p>';
  sendHtmlPage(response, 503, { title: 'Your API keys', body });
}
