import { chmodSync, lstatSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { listen } from '../listen.ts';

/** Where a gateway listens for proxies that it trusts: a loopback address, or a unix socket. */
export type AuthPlace = { readonly host: string; readonly port: number } | { readonly path: string };

/** The owner and the group of the socket may connect. */
const SOCKET_MODE = 0o660;

/**
 * Starts listening for proxies. Rejects with one sentence and the system's code if the place cannot be used. A socket
 * that a killed gateway has left is replaced; one on which a program listens, or another file, is not.
 */
export async function listenForAuth(server: Server, place: AuthPlace): Promise<void> {
  if (!('path' in place)) {
    await listen(server, place.host, place.port, 'KEYTIDE_AUTH_LISTEN');
    return;
  }
  const { path } = place;
  if (await isAbandoned(path)) rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const { code = 'unknown error', syscall } = error;
      const message = `Cannot listen on ${path}: ${code}. Set KEYTIDE_AUTH_LISTEN to another place.`;
      reject(Object.assign(new Error(message, { cause: error }), { code, syscall }));
    };
    server.once('error', refuse);
    server.listen({ path }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  chmodSync(path, SOCKET_MODE);
}

/** Returns whether a path is a socket on which no program listens. */
async function isAbandoned(path: string): Promise<boolean> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return false;
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}
