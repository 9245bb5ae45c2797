import { connect, createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { listen } from '../../src/http/listen.ts';

/** Opens a port that stays while the gateway behind it is replaced. */
export async function openRelay() {
  let target = 0;
  const server = createServer((socket) => {
    const onward = connect(target, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
  });
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${await listen(server as never, '127.0.0.1', 0)}`;
  return { url, leadTo: (to: { readonly url: string }) => (target = Number(new URL(to.url).port)) };
}
