import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { findDebianProgram } from './debian-programs.ts';
import { scratchFolder } from './scratch-folder.ts';

/** A reverse proxy as an operator would start with it: what is not written here is the program's default. */
interface ProxyKind {
  readonly program: Program;
  configure(folder: string, from: string, to: string): string;
}

type Program = 'nginx' | 'caddy' | 'haproxy';

const argsOf: Record<Program, (folder: string, file: string) => readonly string[]> = {
  nginx: (folder, file) => ['-p', folder, '-c', file, '-e', 'stderr'],
  caddy: (_folder, file) => ['run', '--adapter', 'caddyfile', '--config', file],
  haproxy: (_folder, file) => ['-db', '-f', file],
};

const nginx = (location: string): ProxyKind => ({
  program: 'nginx',
  configure: (folder, from, to) => `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server { listen ${from}; location / { proxy_pass http://${to}; ${location} } }
}
`,
});

export const proxies = {
  'nginx with plain proxy_pass': nginx(''),
  'nginx with the headers of an upgrade': nginx(
    'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";',
  ),
  Caddy: {
    program: 'caddy',
    configure: (_folder, from, to) =>
      `{\n  admin off\n  auto_https off\n}\nhttp://${from} {\n  reverse_proxy ${to}\n}\n`,
  },
  HAProxy: {
    program: 'haproxy',
    configure: (_folder, from, to) => `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend web
  bind ${from}
  default_backend keytide
backend keytide
  server one ${to}
`,
  },
} as const satisfies Record<string, ProxyKind>;

/** Starts a proxy before a gateway and returns its URL. It ends with the test. */
export async function startProxy(name: keyof typeof proxies, gatewayUrl: string): Promise<string> {
  const { program, configure }: ProxyKind = proxies[name];
  return startConfiguredProxy(program, (from, folder) => configure(folder, from, new URL(gatewayUrl).host));
}

/** Starts a proxy with a configuration and returns its URL. It ends with the test. */
export async function startConfiguredProxy(
  program: Program,
  configure: (from: string, folder: string) => string,
  environment: Record<string, string> = {},
): Promise<string> {
  const path = await findDebianProgram(program);
  const folder = scratchFolder();
  const file = join(folder, 'configuration');
  const from = `127.0.0.1:${String(await freePort())}`;
  writeFileSync(file, configure(from, folder));
  const libraries = globSync(join(dirname(path), '../lib/*-linux-gnu')).join(':');
  const env = { ...environment, PATH: process.env['PATH'], HOME: folder, LD_LIBRARY_PATH: libraries };
  const child = spawn(path, argsOf[program](folder, file), { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  onTestFinished(async () => {
    const exited = child.exitCode === null ? once(child, 'exit') : null;
    child.kill('SIGKILL');
    await exited;
  });
  while (!(await isListening(from))) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${String(child.exitCode)}: ${said}`);
  }
  return `http://${from}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function isListening(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`http://${address}`);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
