import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { extname } from 'node:path';

/** For a file whose name changes with its content. */
export const CACHE_IMMUTABLE = 'public, max-age=31536000, immutable';

/** For a file that changes under its name: a cache asks for it by its tag each time. */
export const CACHE_REVALIDATED = 'no-cache';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const codings = { br: '.br', gzip: '.gz' } as const;
type Coding = keyof typeof codings;

/** A file that a build has written, with its compressed forms if the build has made them. */
export interface StaticFile {
  readonly type: string;
  /** Identifies the content, without quotes. */
  readonly version: string;
  readonly plain: Buffer;
  readonly br: Buffer | null;
  readonly gzip: Buffer | null;
}

/** A folder that a build has written. */
export interface StaticFolder {
  /** Returns the file of this name, a path relative to the folder; null: there was none when the folder was opened. */
  file(name: string): Promise<StaticFile | null>;
}

/**
 * Opens a folder of static files. Null: there is no such folder. Only the files that it lists now are served, so that no name
 * leads out of it. A file is read at its first request and stays in memory.
 */
export async function openStaticFolder(folder: URL): Promise<StaticFolder | null> {
  const names = await readdir(folder, { recursive: true }).catch(nullIfMissing);
  if (names === null) return null;
  const listed = new Set(names);
  const files = new Map<string, Promise<StaticFile>>();
  return {
    async file(name) {
      if (!listed.has(name) || !(extname(name) in contentTypes)) return null;
      const reading = files.get(name) ?? readStaticFile(folder, name, listed);
      files.set(name, reading);
      reading.catch(() => files.delete(name));
      return reading;
    },
  };
}

/**
 * Returns a function that opens a folder at its first call, and again for a fresh listing. A folder that a build makes
 * later is found without a restart.
 */
export function openOnce(folder: URL): (isFresh?: boolean) => Promise<StaticFolder | null> {
  let opening: Promise<StaticFolder | null> | null = null;
  return async (isFresh = false) => {
    if (isFresh) opening = null;
    const opened = await (opening ??= openStaticFolder(folder));
    if (opened === null) opening = null;
    return opened;
  };
}

async function readStaticFile(folder: URL, name: string, listed: ReadonlySet<string>): Promise<StaticFile> {
  const read = async (ending: string) => (listed.has(name + ending) ? readFile(new URL(name + ending, folder)) : null);
  const [plain, br, gzip] = await Promise.all([readFile(new URL(name, folder)), read(codings.br), read(codings.gzip)]);
  const version = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  return { type: contentTypes[extname(name)] ?? '', version, plain, br, gzip };
}

/**
 * Sends a file in the smallest form that the request accepts, or 304 if the request names the tag of that form
 * (RFC 9110, sections 12.5.3 and 13.1.2). `headers` gives what else the response has, at least Cache-Control.
 */
export function sendStaticFile(
  { headers: sent }: IncomingMessage,
  response: ServerResponse,
  file: StaticFile,
  headers: OutgoingHttpHeaders & { readonly 'Cache-Control': string },
  status = 200,
): void {
  const coding = acceptedCodings(sent['accept-encoding']).find((name) => file[name] !== null) ?? null;
  const body = (coding === null ? null : file[coding]) ?? file.plain;
  const etag = `"${file.version}${coding === null ? '' : `-${coding}`}"`;
  const shared = {
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...headers,
    ...(status === 200 && { ETag: etag }),
    Vary: 'Accept-Encoding',
  };
  if (status === 200 && hasTag(sent['if-none-match'], etag)) {
    response.writeHead(304, shared).end();
    return;
  }
  response.writeHead(status, {
    ...shared,
    'Content-Type': file.type,
    'Content-Length': body.length,
    ...(coding !== null && { 'Content-Encoding': coding }),
  });
  response.end(body);
}

/** Returns whether If-None-Match names the tag, by the weak comparison. */
function hasTag(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

/** Returns the codings that a request accepts, the smallest first. A coding with q=0 is not accepted. */
function acceptedCodings(header: string | string[] | undefined): Coding[] {
  const accepted = String(header ?? '')
    .split(',')
    .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]?.trim().toLowerCase());
  return (Object.keys(codings) as Coding[]).filter((coding) => accepted.includes(coding));
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
