import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a site answers at a path. */
export interface SitePage {
  readonly type: string;
  readonly body: () => string | Buffer | Promise<string | Buffer>;
  readonly headers?: () => Readonly<Record<string, string>>;
}

/** Starts a site of somebody else, on an origin of its own, and returns the origin. */
export async function openSite(pages: Readonly<Record<string, SitePage>>): Promise<string> {
  const server = createServer((request, response) => {
    const page = pages[request.url?.split('?', 1)[0] ?? ''];
    if (page === undefined) return response.writeHead(404).end();
    const headers = { 'Content-Type': page.type, 'Cache-Control': 'no-store', ...page.headers?.() };
    void Promise.resolve(page.body()).then(
      (body) => response.writeHead(200, headers).end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
