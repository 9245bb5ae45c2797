import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { htmlDocument } from '../domain/html.ts';
import { findPageStyles } from './page-styles.ts';

/** A page loads nothing but the styles of the console and runs no script; forms may be sent to this origin only. */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const head = '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">';

/** A page that works without script. */
export interface HtmlPage {
  readonly title: string;
  /** HTML: a heading, and what follows it. */
  readonly body: string;
  /** A BCP 47 tag. Default: en. */
  readonly language?: string;
  /** Whether the name of Keytide stands above. Not for customers of an API, who do not know it. Default: true. */
  readonly isBranded?: boolean;
}

/** Sends an HTML page in the look of the console, with further headers. No cache stores it. */
export function sendHtmlPage(
  response: ServerResponse,
  status: number,
  { title, body, language, isBranded = true }: HtmlPage,
  headers: OutgoingHttpHeaders = {},
): void {
  const styles = findPageStyles();
  const link = styles === null ? '' : `<link rel="stylesheet" href="${styles}">`;
  const brand = isBranded ? '<p class="brand">Keytide</p>\n' : '';
  const main = `<main class="sign-in"><div class="sheet">\n${brand}${body}\n</div></main>`;
  const text = htmlDocument(title, main, head + link, language);
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Content-Security-Policy': contentSecurityPolicy,
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(text);
}
