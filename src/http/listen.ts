import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Starts listening and returns the port; with port 0 the system chooses one. Rejects with one sentence that says what to
 * do, and the system's code, if the port is in use or the address cannot be used. `setting` is the one setting that gives both
 * the address and the port.
 */
export async function listen(server: Server, host: string, port: number, setting?: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(explainListenError(error, host, port, setting));
    server.once('error', refuse);
    server.listen({ host, port }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

const reasons: { readonly [code: string]: string } = {
  EADDRINUSE: 'the port is in use. Stop the program that uses it, or set PORT',
  EACCES: 'this user may not use the port. Set PORT to one above 1023',
  EADDRNOTAVAIL: 'this machine does not have the address. Set HOST to one of its addresses',
  ENOTFOUND: 'the name has no address. Set HOST to an address of this machine',
};

/** Returns an error of one sentence, with the code and system call of its cause. */
function explainListenError(
  cause: NodeJS.ErrnoException,
  host: string,
  port: number,
  setting: string | undefined,
): Error {
  const { code = 'unknown error', syscall } = cause;
  const reason = (reasons[code] ?? code).replace(/\b(?:PORT|HOST)\b/, (name) => setting ?? name);
  const place = host.includes(':') ? `[${host}]` : host;
  const message = `Cannot listen on ${place}:${String(port)}: ${reason}.`;
  return Object.assign(new Error(message, { cause }), { code, syscall });
}
