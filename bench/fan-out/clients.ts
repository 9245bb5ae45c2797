// Many clients in one process: they subscribe if there is a query, and count the messages that arrive.
import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface ClientOptions {
  readonly url: string;
  readonly count: number;
  readonly token: string | null;
  readonly query: string | null;
}

export interface Arrivals {
  /** Latency from the creation of an event to its arrival, for each message. */
  readonly latenciesMs: readonly number[];
  /** A sample message. */
  readonly sample: string;
}

const { url, count, token, query } = JSON.parse(process.argv[2] ?? '') as ClientOptions;
let arrived = 0;
let latenciesMs: number[] = [];
let sample = '';
let waiting: { readonly until: number } | null = null;

for (let opened = 0; opened < count; opened += 100) {
  await Promise.all(Array.from({ length: Math.min(100, count - opened) }, open));
}
process.send?.('open');
process.on('message', (events: number) => {
  waiting = { until: events * count };
  reportArrivals();
});
process.on('disconnect', () => process.exit());

async function open(_: unknown, index: number): Promise<void> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
  await once(socket, 'open');
  if (query !== null) {
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    await once(socket, 'message');
    const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));
  }
  socket.on('message', (data: Buffer) => {
    const at = data.indexOf('"sentAt":') + 9;
    latenciesMs.push(Date.now() - Number(data.toString('latin1', at, at + 13)));
    if (sample === '') sample = String(data);
    arrived += 1;
    reportArrivals();
  });
}

function reportArrivals(): void {
  if (waiting === null || arrived < waiting.until) return;
  process.send?.({ latenciesMs, sample } satisfies Arrivals);
  arrived -= waiting.until;
  latenciesMs = [];
  waiting = null;
}
