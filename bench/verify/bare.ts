// A bare HTTP server: reads each body and answers the given number of bytes. Reports its port to its parent.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const text = 'x'.repeat(Number(process.argv[2]));
const server = createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': text.length });
    response.end(text);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
