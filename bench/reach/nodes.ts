import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/entry/serve.ts', import.meta.url));

/** A gateway process behind a plain proxy. */
export interface BenchNode {
  readonly url: string;
  /** The address of the gateway itself, without the proxy. */
  readonly directUrl: string;
  /** The id of the gateway's process. */
  readonly pid: number;
}

export interface BenchNodes {
  readonly nodes: readonly BenchNode[];
  /** A session of the administrator. */
  readonly token: string;
  stop(): Promise<void>;
}

/** Starts gateway processes on one database, each behind a proxy that only forwards. */
export async function startNodes(
  count: number,
  database: string,
  folder: string,
  logLevel = 'error',
): Promise<BenchNodes> {
  const password = randomBytes(12).toString('hex');
  const sealingKey = randomBytes(32).toString('base64');
  const children: ChildProcess[] = [];
  const proxies: Server[] = [];
  const nodes: BenchNode[] = [];
  for (let number = 0; number < count; number += 1) {
    const child = spawn(process.execPath, ['--disable-warning=DeprecationWarning', main], {
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        DATABASE_URL: database,
        KEYTIDE_DATA_DIR: join(folder, `node-${number}`),
        KEYTIDE_SEALING_KEY: sealingKey,
        KEYTIDE_ADMIN_PASSWORD: password,
        KEYTIDE_LOG_LEVEL: logLevel,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const port = await portOf(child);
    child.stdout?.resume();
    const proxy = await startProxy(port);
    proxies.push(proxy);
    nodes.push({
      url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      directUrl: `http://127.0.0.1:${port}`,
      pid: child.pid ?? 0,
    });
  }
  const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }`;
  const { signIn: signedIn } = await askNode<{ signIn: { token: string } }>(nodes[0], signIn, {
    email: 'admin@localhost',
    password,
  });
  return {
    nodes,
    token: signedIn.token,
    async stop() {
      for (const proxy of proxies) proxy.close();
      for (const child of children) child.kill('SIGKILL');
      await pause(100);
    },
  };
}

/** Sends an operation to a node and returns its data. Throws if the response has errors. */
export async function askNode<Data>(
  node: BenchNode | undefined,
  query: string,
  input: object,
  credential?: string,
): Promise<Data> {
  const response = await fetch(`${node?.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
    },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

/** Returns the port of a gateway once its banner shows it. */
async function portOf(child: ChildProcess): Promise<number> {
  let written = '';
  for (;;) {
    const port = /http:\/\/127\.0\.0\.1:(\d+)\/graphql[^]*Sign in/.exec(written)?.[1];
    if (port !== undefined) return Number(port);
    if (child.exitCode !== null || child.stdout === null) throw new Error('the gateway has ended');
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    written += chunk.toString();
  }
}

async function startProxy(port: number): Promise<Server> {
  const proxy = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port, noDelay: true });
    near.setNoDelay();
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return proxy;
}
