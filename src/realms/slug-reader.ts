import type { Core } from '../store/core.ts';

/** Reads the slugs of realms, each once: a slug never changes. */
export class SlugReader {
  readonly #prisma: Core['prisma'];
  readonly #slugs = new Map<string, Promise<string>>();

  constructor({ prisma }: Pick<Core, 'prisma'>) {
    this.#prisma = prisma;
  }

  /** Returns the slug of a realm. Rejects if it cannot be read; the next call reads it again. */
  read(realmId: string): Promise<string> {
    const known = this.#slugs.get(realmId);
    if (known !== undefined) return known;
    const read = this.#prisma.realm
      .findUniqueOrThrow({ where: { id: realmId }, select: { slug: true } })
      .then(({ slug }) => slug);
    this.#slugs.set(realmId, read);
    read.catch(() => this.#slugs.delete(realmId));
    return read;
  }
}
