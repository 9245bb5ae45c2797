// A bare WebSocket server: reports its port to its parent, and sends each text from its parent to all of its clients.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('listening', () => process.send?.((server.address() as { port: number }).port));
process.on('message', ({ text, events }: { text: string; events: number }) => {
  for (let index = 0; index < events; index += 1) {
    // As long as a message of the gateway.
    const bytes = text.replace(/"sentAt":\d+/, `"sentAt":${Date.now()}`);
    for (const client of server.clients) client.send(bytes);
  }
});
process.on('disconnect', () => process.exit());
