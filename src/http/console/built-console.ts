import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';

/** The folder that the build of the console writes: beside this one in a checkout and in the package alike. */
const builtFolder = new URL('../../console/built/', import.meta.url);

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A file of the console with its compressed forms, which the build has made. */
export interface Asset {
  readonly type: string;
  /** Identifies the content, without quotes. */
  readonly version: string;
  readonly plain: Buffer;
  readonly br: Buffer;
  readonly gzip: Buffer;
}

/** The console as the build has written it. */
export interface BuiltConsole {
  /** The page, with `__NONCE__` where the nonce of a response belongs. */
  readonly page: string;
  /** Returns the asset with this file name; null: there is none. */
  asset(name: string): Promise<Asset | null>;
}

/** Opens the built console. Null: it has not been built. An asset is read at its first request. */
export async function openBuiltConsole(folder = builtFolder): Promise<BuiltConsole | null> {
  const [page, names] = await Promise.all([
    readFile(new URL('index.html', folder), 'utf8').catch(nullIfMissing),
    readdir(new URL('assets/', folder)).catch(nullIfMissing),
  ]);
  if (page === null || names === null) return null;
  const served = new Set(names.filter((name) => extname(name) in contentTypes));
  const assets = new Map<string, Promise<Asset>>();
  return {
    page,
    async asset(name) {
      if (!served.has(name)) return null;
      const reading = assets.get(name) ?? readAsset(folder, name);
      assets.set(name, reading);
      reading.catch(() => assets.delete(name));
      return reading;
    },
  };
}

async function readAsset(folder: URL, name: string): Promise<Asset> {
  const read = (ending: string) => readFile(new URL(`assets/${name}${ending}`, folder));
  const [plain, br, gzip] = await Promise.all([read(''), read('.br'), read('.gz')]);
  const version = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  return { type: contentTypes[extname(name)] ?? '', version, plain, br, gzip };
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
