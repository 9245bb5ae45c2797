// Sends POST requests on keep-alive connections. Its parent sends a message for each run and gets the measurements.
import { Agent, request } from 'node:http';

/** One run: what to send where, on how many connections, for how long. */
export interface LoadRun {
  readonly url: string;
  readonly credential: string;
  /** Sent in turn. */
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly ms: number;
  /** How many requests are sent in a second. Absent: as many as are answered. */
  readonly perSecond?: number;
}

export interface LoadResult {
  readonly count: number;
  /** How many answers were not as expected. */
  readonly badCount: number;
  /** In ms. */
  readonly p50: number;
  readonly p99: number;
}

process.on('message', (run: LoadRun) => void send(run).then((result) => process.send?.(result)));
process.on('disconnect', () => process.exit());

async function send({ url, credential, bodies, connections, ms, perSecond }: LoadRun): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  let badCount = 0;
  const startAt = performance.now();
  const until = startAt + ms;
  let sentCount = 0;
  const work = async () => {
    while (performance.now() < until) {
      const body = bodies[sentCount % bodies.length] ?? '';
      // With a rate, a request is late from the moment at which it should have been sent.
      const dueAt = perSecond === undefined ? 0 : startAt + (sentCount / perSecond) * 1000;
      sentCount += 1;
      while (performance.now() < dueAt) await new Promise(setImmediate);
      const sentAt = perSecond === undefined ? performance.now() : dueAt;
      if (!(await isGood(agent, url, credential, body))) badCount += 1;
      times.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  times.sort((a, b) => a - b);
  const quantile = (part: number) => times[Math.floor((times.length - 1) * part)] ?? Number.NaN;
  return { count: times.length, badCount, p50: quantile(0.5), p99: quantile(0.99) };
}

/** Whether a request was answered with a verification, or with the bytes of the bare server. */
function isGood(agent: Agent, url: string, credential: string, body: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${credential}`,
      'Content-Length': Buffer.byteLength(body),
    };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        // The bare server answers nothing but x.
        resolve(response.statusCode === 200 && (/^x+$/.test(text) || text.includes('"outcome":"VALID"')));
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
