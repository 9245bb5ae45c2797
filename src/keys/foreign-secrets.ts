import { hash } from 'node:crypto';
import { formOf } from '../domain/credential-form.ts';
import { compileForeignPattern, FOREIGN_SECRET_MAX } from '../domain/foreign-pattern.ts';
import { continueWith, type MaybePromise } from '../domain/maybe-promise.ts';
import type { Core } from '../store/core.ts';
import { foreignDigestsOf } from './foreign-digests.ts';
import { BEHIND_MS, STALE_MS } from './table/key-table.ts';

/** A realm that accepts foreign secrets, and the form that it accepts. */
interface ForeignForm {
  readonly id: string;
  readonly slug: string;
  readonly pattern: RegExp;
}

type ForeignForms = readonly ForeignForm[];

/**
 * Finds the digests under which a foreign secret may be stored: only in realms that accept its form. What the realms accept is read
 * at most every 2 s, and again after a change that this node knows of.
 */
export class ForeignSecrets {
  readonly #core: Pick<Core, 'prisma' | 'clock' | 'sealer'>;
  #forms: ForeignForms = [];
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<ForeignForms> | null = null;

  constructor(core: Pick<Core, 'prisma' | 'clock' | 'sealer'>) {
    this.#core = core;
  }

  /** Lets what the realms accept be read again before it is used, because it may have changed. */
  forget(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
    this.#reading = null;
  }

  /**
   * Returns the digests, in hexadecimal; none: no realm accepts the form of the text. `realm`: only the realm with this id or
   * slug; null: every one.
   *
   * Rejects with the error of the database if the node cannot know.
   */
  digestsOf(text: string, realm: string | null): MaybePromise<readonly string[]> {
    if (text.length > FOREIGN_SECRET_MAX || formOf(text) !== 'FOREIGN') return [];
    return continueWith(this.#knownForms(), (forms) => {
      const accepting = forms.filter(
        ({ id, slug, pattern }) => (realm === null || realm === id || realm === slug) && pattern.test(text),
      );
      if (accepting.length === 0) return [];
      const digest = hash('sha256', text, 'buffer');
      return accepting.flatMap(({ id }) =>
        Object.values(foreignDigestsOf(this.#core, id, digest)).map((each: Buffer) => each.toString('hex')),
      );
    });
  }

  #knownForms(): MaybePromise<ForeignForms> {
    const ageMs = this.#core.clock.now().getTime() - this.#readAtMs;
    if (ageMs <= BEHIND_MS) return this.#forms;
    return this.#readForms().catch((error: unknown) => {
      if (ageMs <= STALE_MS) return this.#forms;
      throw error;
    });
  }

  /** Reads the forms, in one statement with all others that ask until it has ended. */
  #readForms(): Promise<ForeignForms> {
    if (this.#reading !== null) return this.#reading;
    const startedAtMs = this.#core.clock.now().getTime();
    const reading = this.#query().then(
      (forms) => {
        // A change that the node learned of meanwhile may be missing.
        if (this.#reading === reading) {
          this.#forms = forms;
          this.#readAtMs = startedAtMs;
          this.#reading = null;
        }
        return forms;
      },
      (error: unknown) => {
        if (this.#reading === reading) this.#reading = null;
        throw error;
      },
    );
    this.#reading = reading;
    return reading;
  }

  async #query(): Promise<ForeignForms> {
    const rows = await this.#core.prisma.$queryRaw<
      (Omit<ForeignForm, 'pattern'> & { readonly foreignPattern: string })[]
    >`
      SELECT id, slug, "foreignPattern" FROM "Realm" WHERE "foreignPattern" IS NOT NULL`;
    return rows.map(({ id, slug, foreignPattern }) => ({ id, slug, pattern: compileForeignPattern(foreignPattern) }));
  }
}
