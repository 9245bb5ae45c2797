import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate } from '../accounts/authenticate.ts';
import type { HttpExchange } from '../http/http-exchange.ts';
import { toRequestError } from '../store/unavailable.ts';
import type { Services } from './context.ts';
import { assetAddress } from './graphiql-assets.ts';

/**
 * Content-Security-Policy of the page: no inline script and no other origin. The editor needs inline styles, and images
 * and fonts that its style sheet holds as data.
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

const usageText = `This is a GraphQL endpoint: POST {"query": "…", "variables": {…}} as application/json.

Sign in with the mutation signIn, or send the secret of a key:
  Authorization: Bearer <session token or key secret>
Subscriptions: graphql-transport-ws at this address, or POST with Accept: text/event-stream.

GraphiQL is on this page in development (KEYTIDE_MODE=development), and for requests with a valid Authorization header.
`;

/** Explains how to run the query of a link, which a browser cannot run without a token. */
function linkUsageText(query: string): string {
  return `The link that you have opened runs this query:

${query.replaceAll(/^/gm, '  ')}

Send your token to the same address to get its result:

  curl -H "Authorization: Bearer $TOKEN" -H "Accept: application/json" "<the address>"
`;
}

/**
 * Creates the handler for people who open /graphql in a browser. It sends GraphiQL in open mode or to a request with a
 * valid credential. Otherwise it sends instructions, with the query of the address if there is one, as in links of
 * mails.
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
