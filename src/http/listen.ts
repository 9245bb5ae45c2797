import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts to listen and answers with the port, which the system chose when 0 was asked for. Rejects when it is taken. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}
