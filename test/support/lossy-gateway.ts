import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy in front of a gateway. */
export interface LossyGateway {
  readonly url: string;
  /** The names of the operations received, oldest first. */
  readonly operations: string[];
}

/**
 * Starts a proxy that forwards requests to a gateway and drops the responses to the operations that `loses` selects;
 * closed at the end of the test.
 */
export async function startLossyGateway(
  gatewayUrl: string,
  loses: (operation: string) => boolean | Promise<boolean>,
): Promise<LossyGateway> {
  const operations: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = Buffer.concat(await incoming.toArray());
    const [, name = ''] = /"query":"(?:query|mutation) (\w+)/.exec(String(body)) ?? [];
    operations.push(name);
    const headers = { 'Content-Type': 'application/json', Authorization: incoming.headers.authorization ?? '' };
    const answer = await fetch(`${gatewayUrl}/graphql`, { method: 'POST', headers, body });
    const text = await answer.text();
    if (await loses(name)) return void outgoing.destroy();
    outgoing.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, operations };
}
