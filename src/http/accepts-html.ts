import type { IncomingMessage } from 'node:http';

/** Returns whether a browser asks for a page to show to a person. Programs do not name HTML among the types that they accept. */
export function acceptsHtml({ method, headers }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').toLowerCase().includes('text/html');
}
