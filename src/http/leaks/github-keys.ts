import type { KeyObject } from 'node:crypto';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../domain/duration.ts';
import { unavailable } from '../../domain/request-error.ts';
import type { Clock } from '../../store/clock.ts';
import { readGithubKeys, type GithubKeyMap } from './read-github-keys.ts';

/** Where the keys come from that GitHub signs with: a list that was read at the start, or a URL that is asked for one. */
export type GithubKeyList = { readonly keys: GithubKeyMap } | { readonly url: string };

/** How long a list is taken for the newest, and how long it is used when no newer one can be had. */
const FRESH_MS = HOUR_MS;
const KEPT_MS = DAY_MS;

/** How long after it was asked it is asked again: after a failure, and for a key that it did not have. */
const RETRY_MS = 10 * SECOND_MS;
const UNKNOWN_MS = 5 * MINUTE_MS;

/** For the answer. A list of GitHub's has some 500 bytes. */
const ANSWER_LIMIT_MS = 5 * SECOND_MS;
const ANSWER_MAX_BYTES = 64_000;

/** The keys that GitHub signs its reports with, looked up by their identifiers. */
export class GithubKeys {
  readonly #list: GithubKeyList;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  #known: { readonly keys: GithubKeyMap; readonly atMs: number } | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> = Promise.resolve();

  constructor(list: GithubKeyList, clock: Clock, onFailure: (error: unknown) => void) {
    this.#list = list;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  /**
   * The key with an identifier; null: no current key has it, by a list that came since this was called. One that is known
   * waits for nothing. Throws UNAVAILABLE when no list can be had, or may be asked for.
   */
  async find(id: string): Promise<KeyObject | null> {
    if ('keys' in this.#list) return this.#list.keys.get(id) ?? null;
    const before = this.#known;
    if (this.#isDue(id)) {
      this.#askedAtMs = this.#nowMs();
      this.#asking = this.#ask(this.#list.url);
    }
    const known = this.#kept(id);
    if (known !== null) return known;
    await this.#asking;
    const found = this.#kept(id);
    if (found !== null || this.#known !== before) return found;
    throw unavailable('The keys of GitHub cannot be had right now.', this.#askedAtMs + this.#waitMs() - this.#nowMs());
  }

  /** By a list that may still be used. */
  #kept(id: string): KeyObject | null {
    if (this.#known === null || this.#nowMs() - this.#known.atMs >= KEPT_MS) return null;
    return this.#known.keys.get(id) ?? null;
  }

  #isDue(id: string): boolean {
    if (this.#isFresh() && this.#kept(id) !== null) return false;
    return this.#nowMs() - this.#askedAtMs >= this.#waitMs();
  }

  /** How long after it was asked it may be asked again. */
  #waitMs(): number {
    return this.#isFresh() ? UNKNOWN_MS : RETRY_MS;
  }

  #isFresh(): boolean {
    return this.#known !== null && this.#nowMs() - this.#known.atMs < FRESH_MS;
  }

  async #ask(url: string): Promise<void> {
    try {
      const keys = readGithubKeys(await fetchText(url));
      if (keys === null) throw new Error('The answer is no list of current keys.');
      this.#known = { keys, atMs: this.#nowMs() };
    } catch (error) {
      this.#onFailure(error);
    }
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}

/** Follows no redirect, and reads no more than it has to. */
async function fetchText(url: string): Promise<string> {
  const headers = { accept: 'application/json', 'user-agent': 'keytide' };
  const answer = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  if (!answer.ok) throw new Error(`The answer has the status ${answer.status}.`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > ANSWER_MAX_BYTES) throw new Error(`The answer has more than ${ANSWER_MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
