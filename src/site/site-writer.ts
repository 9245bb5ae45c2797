import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Text below this size is sent as it is: a compressed form saves no packet. */
const COMPRESSED_MIN = 1024;

/**
 * Writes a site beside its folder, and puts it in its place when it is whole. Each file gets its compressed forms, so that the
 * gateway compresses nothing.
 */
export class SiteWriter {
  readonly #folder: string;
  readonly #draft: Promise<string>;
  readonly #writing: Promise<void>[] = [];

  constructor(folder: string) {
    this.#folder = resolve(folder);
    const above = dirname(this.#folder);
    this.#draft = mkdir(above, { recursive: true }).then(() => mkdtemp(join(above, 'built-')));
  }

  /** Writes an asset, with a part of its digest in its name. Returns its address. */
  async addAsset(name: string, content: Buffer): Promise<string> {
    const digest = createHash('sha256').update(content).digest('base64url').replaceAll(/[-_]/g, '').slice(0, 8);
    const ending = extname(name);
    const file = `assets/${name.slice(0, -ending.length)}-${digest}${ending}`;
    await this.#write(file, content);
    return `/docs/${file}`;
  }

  async addPage(name: string, html: string): Promise<void> {
    await this.#write(`${name}.html`, Buffer.from(html));
  }

  async finish(): Promise<void> {
    await Promise.all(this.#writing);
    const draft = await this.#draft;
    await chmod(draft, 0o755);
    await rm(this.#folder, { recursive: true, force: true });
    await rename(draft, this.#folder);
  }

  async #write(name: string, content: Buffer): Promise<void> {
    const path = join(await this.#draft, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    if (content.length >= COMPRESSED_MIN) this.#writing.push(compress(path, content));
  }
}

async function compress(path: string, content: Buffer): Promise<void> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(content, { params }),
    promisify(gzip)(content, { level: 9 }),
  ]);
  await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
}
