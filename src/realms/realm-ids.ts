import type { Core } from '../store/core.ts';

/**
 * Finds the ids of realms by their slugs. A slug never changes, and no realm is deleted: the id of a realm is read once
 * for each node.
 */
export class RealmIds {
  readonly #prisma: Core['prisma'];
  readonly #ids = new Map<string, string>();

  constructor({ prisma }: Pick<Core, 'prisma'>) {
    this.#prisma = prisma;
  }

  /** Returns the id of a realm; null: there is no realm with that slug. */
  async find(slug: string): Promise<string | null> {
    const known = this.#ids.get(slug);
    if (known !== undefined) return known;
    const realm = await this.#prisma.realm.findUnique({ where: { slug }, select: { id: true } });
    if (realm === null) return null;
    this.#ids.set(slug, realm.id);
    return realm.id;
  }
}
