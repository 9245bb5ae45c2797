import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';
import { chromium, type LaunchOptions } from 'playwright-core';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the run's browser. */
    readonly browser: string;
  }
}

/** Not those of the package: they switch off what keeps pages of other sites apart, and tests of CSRF would prove nothing. */
const args = ['--no-sandbox', '--disable-gpu', '--no-zygote', '--disable-dev-shm-usage'];

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const cache = join(modules, '.cache');

/**
 * Starts one browser for the whole run, and returns what ends it. On Linux x64 it comes with the packages. Elsewhere, and to choose
 * another one, set KEYTIDE_CHROMIUM to the path of a Chromium or Chrome.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await chromium.launchServer({ args, ...(await findBrowser()) });
  project.provide('browser', server.wsEndpoint());
  return () => server.close();
}

async function findBrowser(): Promise<LaunchOptions> {
  const given = process.env['KEYTIDE_CHROMIUM'];
  if (given !== undefined) return { executablePath: given };
  if (process.platform !== 'linux' || process.arch !== 'x64') return { channel: 'chrome' };
  const folder = await unpackOnce();
  const env = {
    ...(process.env as Record<string, string>),
    LD_LIBRARY_PATH: join(folder, 'lib'),
    FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    HOME: folder,
  };
  return { executablePath: join(folder, 'chromium'), env };
}

/** Unpacks the browser of the package, with its libraries and its font. The folder has its name when it is whole. */
async function unpackOnce(): Promise<string> {
  const packed = join(modules, '@sparticuz', 'chromium', 'bin');
  const { version } = JSON.parse(readFileSync(join(packed, '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const folder = join(cache, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'chromium-'));
  try {
    const file = join(draft, 'chromium');
    await pipeline(createReadStream(join(packed, 'chromium.br')), createBrotliDecompress(), createWriteStream(file));
    await chmod(file, 0o755);
    await untar(join(packed, 'al2023.tar.br'), draft);
    await untar(join(packed, 'fonts.tar.br'), draft);
    await writeFile(join(draft, 'fonts.conf'), fontSettings(join(folder, 'fonts'), join(folder, 'font-cache')));
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another run was faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Decompresses an archive before it is unpacked: tar closes its input at the end of the archive, which may not be that of the file. */
async function untar(archive: string, folder: string): Promise<void> {
  const plain = join(folder, 'archive.tar');
  await pipeline(createReadStream(archive), createBrotliDecompress(), createWriteStream(plain));
  await promisify(execFile)('tar', ['-x', '-f', plain, '-C', folder]);
  await rm(plain);
}

function fontSettings(fonts: string, cacheFolder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${fonts}</dir><cachedir>${cacheFolder}</cachedir></fontconfig>
`;
}
