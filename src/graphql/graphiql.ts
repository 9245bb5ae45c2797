import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate } from '../accounts/authenticate.ts';
import type { HttpExchange } from '../http/http-exchange.ts';
import { toRequestError } from '../store/unavailable.ts';
import type { Services } from './context.ts';
import { assetAddress } from './graphiql-assets.ts';

/**
 * Everything comes from here, nothing is written into the page by it or by others: no inline script, no other origin. The
 * editor makes styles as it goes, and draws with images that are in its style sheet.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const usageText = `Keytide answers GraphQL here: POST {"query": "…", "variables": {…}} as application/json.

Sign in with the mutation signIn, or send the secret of a key:
  Authorization: Bearer <session token or key secret>
Subscriptions: graphql-transport-ws at this address, or POST with Accept: text/event-stream.

GraphiQL is on this page in development (KEYTIDE_MODE=development), and for requests with a good Authorization header.
`;

/** How to ask what a link asks, which no browser can by itself. */
function linkUsageText(query: string): string {
  return `The address that you have opened asks:

${query.replaceAll(/^/gm, '  ')}

The same address gives the answer to a program that sends your token:

  curl -H "Authorization: Bearer $TOKEN" -H "Accept: application/json" "<the address>"
`;
}

/**
 * Answers people who open /graphql in a browser: with GraphiQL where the schema may be looked at (in open mode by anyone, else
 * by a request with a good credential), otherwise with how to ask, and how to ask what the address asks, as a link in a mail does.
 */
export function createGraphiqlPage(services: Services, { isOpen }: { readonly isOpen: boolean }) {
  return async (request: IncomingMessage, response: ServerResponse, exchange: HttpExchange): Promise<boolean> => {
    const isShown = isOpen || (await isSignedIn(services, request, exchange));
    if (isShown) {
      response.setHeader('Content-Security-Policy', policy);
      sendText(response, 'text/html', await page());
      return true;
    }
    const query = new URL(request.url ?? '', 'http://localhost').searchParams.get('query');
    sendText(response, 'text/plain', query === null ? usageText : `${usageText}\n${linkUsageText(query)}`);
    return true;
  };
}

async function isSignedIn(services: Services, { headers }: IncomingMessage, exchange: HttpExchange): Promise<boolean> {
  const { authorization = null } = headers;
  try {
    const { caller } = await authenticate(services, authorization, exchange.address);
    return caller.kind !== 'ANONYMOUS';
  } catch (error) {
    throw toRequestError(error);
  }
}

async function page(): Promise<string> {
  const [style, icon, graphiql, start] = await Promise.all(
    (['graphiql.css', 'favicon.ico', 'graphiql.js', 'start.js'] as const).map(assetAddress),
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Keytide</title>
    <link rel="icon" href="${icon}">
    <link rel="stylesheet" href="${style}">
    <script src="${graphiql}" defer></script>
    <script src="${start}" defer></script>
  </head>
  <body>
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
  </body>
</html>
`;
}

function sendText(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
