import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { htmlDocument } from '../domain/html.ts';

/** A page loads nothing and runs no script; forms may be sent to this origin only. */
const contentSecurityPolicy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const viewport = '<meta name="viewport" content="width=device-width">';

/** Sends an HTML page with this body, and with further headers. Its language is English by default. No cache stores it. */
export function sendHtmlPage(
  response: ServerResponse,
  status: number,
  page: { readonly title: string; readonly body: string; readonly language?: string },
  headers: OutgoingHttpHeaders = {},
): void {
  const text = htmlDocument(page.title, page.body, viewport, page.language);
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Content-Security-Policy': contentSecurityPolicy,
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(text);
}
