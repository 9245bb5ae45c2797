import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { sendProblem } from '../http/responses.ts';
import type { Route } from '../http/find-route.ts';
import { samples } from './graphiql-samples.ts';

/** The path of the scripts and styles of the page; the query parameter `file` names one. */
export const GRAPHIQL_PATH = '/graphiql';

/** Content-Security-Policy of the assets, which load nothing themselves. */
const policy = "default-src 'none'; frame-ancestors 'none'";

/** Cached forever: the address contains a hash of the content. */
const CACHE_IMMUTABLE = 'public, max-age=31536000, immutable';

const script = 'text/javascript; charset=utf-8';

const contentTypes = {
  'graphiql.js': script,
  'graphiql.css': 'text/css; charset=utf-8',
  'editor-worker.js': script,
  'json-worker.js': script,
  'graphql-worker.js': script,
  'favicon.ico': 'image/x-icon',
  'start.js': script,
} as const;

export type AssetName = keyof typeof contentTypes;

interface Asset {
  readonly name: AssetName;
  readonly body: Buffer;
  readonly address: string;
  zipped?: Promise<Buffer>;
}

type Assets = ReadonlyMap<AssetName, Asset>;

let loading: Promise<Assets> | undefined;

/** Returns the address of an asset, with a hash of its content. */
export async function assetAddress(name: AssetName): Promise<string> {
  return (await loadOnce()).get(name)?.address ?? '';
}

/** Serves the assets. They need no authentication: they are static and hold no data. */
export const graphiqlRoute: Route = {
  methods: ['GET'],
  handle: async (request, response) => {
    const name = new URLSearchParams(request.url?.split('?')[1]).get('file') ?? '';
    const asset = (await loadOnce()).get(name as AssetName);
    if (asset === undefined) return sendProblem(response, 404, 'Not found. GraphiQL is at /graphql.');
    const isZipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const body = isZipped ? await (asset.zipped ??= promisify(gzip)(asset.body)) : asset.body;
    response.writeHead(200, {
      'Content-Type': contentTypes[asset.name],
      'Content-Length': body.length,
      'Content-Security-Policy': policy,
      'Cache-Control': request.url === asset.address ? CACHE_IMMUTABLE : 'no-store',
      Vary: 'Accept-Encoding',
      ...(isZipped && { 'Content-Encoding': 'gzip' }),
    });
    response.end(body);
  },
};

/**
 * Loads GraphiQL's files from the package that bundles them, so that nothing comes from another origin. They are 9 MB:
 * they are read at the first request and compressed once.
 */
function loadOnce(): Promise<Assets> {
  return (loading ??= load());
}

async function load(): Promise<Assets> {
  const parts = await import('@graphql-yoga/render-graphiql/graphiql');
  const editorWorker = asset('editor-worker.js', parts.editorWorkerService);
  const jsonWorker = asset('json-worker.js', parts.jsonWorker);
  const graphqlWorker = asset('graphql-worker.js', parts.graphqlWorker);
  const start = startScript({
    editorWorkerService: editorWorker.address,
    json: jsonWorker.address,
    graphql: graphqlWorker.address,
  });
  const all = [
    asset('graphiql.js', parts.js),
    asset('graphiql.css', parts.css),
    editorWorker,
    jsonWorker,
    graphqlWorker,
    asset('favicon.ico', Buffer.from(parts.favicon.replace(/^data:[^,]*,/, ''), 'base64')),
    asset('start.js', start),
  ];
  return new Map(all.map((file) => [file.name, file]));
}

function asset(name: AssetName, content: string | Buffer): Asset {
  const body = Buffer.from(content);
  const version = createHash('sha256').update(body).digest('base64url').slice(0, 16);
  return { name, body, address: `${GRAPHIQL_PATH}?file=${name}&v=${version}` };
}

/**
 * Returns the script that starts GraphiQL. It gets a storage in memory instead of the browser's, so that passwords,
 * secrets and tokens that are typed into it are gone when the page closes.
 */
function startScript(workers: { readonly [label: string]: string }): string {
  const defaultTabs = samples.map(({ query, variables, needsSession }) => ({
    query,
    variables: JSON.stringify(variables, null, 2),
    headers: JSON.stringify(needsSession ? { Authorization: 'Bearer <token>' } : {}, null, 2),
  }));
  const options = { title: 'Keytide', endpoint: '/graphql', method: 'POST', shouldPersistHeaders: false, defaultTabs };
  return `const workers = ${JSON.stringify(workers)};
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_module, label) => workers[label] };
const entries = new Map();
const storage = {
  getItem: (name) => entries.get(name) ?? null,
  setItem: (name, value) => void entries.set(name, value),
  removeItem: (name) => void entries.delete(name),
  clear: () => entries.clear(),
  get length() {
    return entries.size;
  },
};
YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), { ...${JSON.stringify(options)}, storage });
`;
}
