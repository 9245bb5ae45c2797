import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JSONWebKeySet } from 'jose';
import type { SigningKey } from '../../prisma/generated/client/client.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/duration.ts';
import type { Core, Transaction } from '../store/core.ts';

/** Maximum lifetime of signed tokens; session tokens use all of it. */
export const SIGNED_LIFETIME_MS = 12 * HOUR_MS;
/** Age of the newest key at which the next one is created. */
export const SIGNING_KEY_AGE_MS = 30 * DAY_MS;
/** How long a new key is published before it signs: longer than clients may cache the key set. */
export const PUBLISHED_AHEAD_MS = HOUR_MS;
/** Maximum difference between the clocks of nodes. */
const LEEWAY_MS = MINUTE_MS;
/** Minimum interval between reads of the database for unknown key ids. */
const UNKNOWN_REREAD_MS = 10_000;
/** The PostgreSQL advisory lock under which one node creates the next key: "ktsk" in ASCII. */
const CREATION_LOCK = 0x6b74_736b;

/** DER prefix that turns 32 bytes into a private key in PKCS #8 (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

interface Pair {
  readonly id: string;
  readonly createdAt: Date;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * The Ed25519 keys (RFC 8037) that sign for this gateway, the same on every node of a database. A new key is created
 * every 30 days, published at once and used an hour later. The old key stays published until the last token that it
 * signed has expired; then its row is deleted. The private key is sealed. The public key is derived from it, and the
 * key's id is the thumbprint of the public key (RFC 7638), so that a row that was not created under the sealing key is
 * not a key.
 *
 * Reads the database when a key is due to be created or deleted, and for an unknown id (at most every 10 s). Then it
 * can throw the database's error, or a SealError if the sealing key has changed.
 */
export class SigningKeys {
  readonly #core: Core;
  /** From oldest to newest. */
  #pairs: readonly Pair[] = [];
  #readAt: Date | null = null;
  #reading: Promise<void> | null = null;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Returns the key that signs now. */
  async current(): Promise<{ readonly id: string; readonly privateKey: KeyObject }> {
    await this.#refresh();
    const from = this.#core.clock.now().getTime() - PUBLISHED_AHEAD_MS;
    const pair = this.#pairs.findLast(({ createdAt }) => createdAt.getTime() <= from) ?? this.#pairs[0];
    if (pair === undefined) throw new Error('no signing key, although one was just created');
    return pair;
  }

  /** Returns the public key with an id; null if there is none, or if everything that it signed has expired. */
  async find(id: string): Promise<KeyObject | null> {
    const found = this.#published().find((pair) => pair.id === id);
    if (found !== undefined) return found.publicKey;
    const rereadAt = (this.#readAt?.getTime() ?? Number.NEGATIVE_INFINITY) + UNKNOWN_REREAD_MS;
    if (this.#core.clock.now().getTime() < rereadAt) return null;
    await this.#read();
    return this.#published().find((pair) => pair.id === id)?.publicKey ?? null;
  }

  /** Returns all public keys that may have signed an unexpired token, as a JWK Set (RFC 7517, section 5). */
  async jwks(): Promise<JSONWebKeySet> {
    await this.#refresh();
    const keys = this.#published().map(({ id, publicKey }) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid: id,
      alg: 'EdDSA',
      use: 'sig',
    }));
    return { keys };
  }

  #published(): readonly Pair[] {
    const now = this.#core.clock.now();
    return this.#pairs.filter((pair) => !isOver(pair, this.#pairs, now));
  }

  /** Reads the keys again when one is due to be created or deleted. */
  async #refresh(): Promise<void> {
    if (isDue(this.#pairs, this.#core.clock.now())) await this.#read();
  }

  /** Runs one read at a time, shared by concurrent callers. */
  async #read(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  async #readNow(): Promise<void> {
    const { prisma, clock } = this.#core;
    let rows = await readRows(prisma);
    if (isDue(rows, clock.now())) rows = await prisma.$transaction((tx) => this.#renew(tx));
    const known = new Map(this.#pairs.map((pair) => [pair.id, pair]));
    this.#pairs = await Promise.all(rows.map(async (row) => known.get(row.id) ?? (await this.#open(row))));
    this.#readAt = clock.now();
  }

  /** Creates the next key and deletes expired keys, on one node at a time. */
  async #renew(tx: Transaction): Promise<readonly SigningKey[]> {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${CREATION_LOCK}::bigint)`;
    const rows = await readRows(tx);
    const now = this.#core.clock.now();
    const expired = rows.filter((row) => isOver(row, rows, now)).map(({ id }) => id);
    if (expired.length > 0) await tx.signingKey.deleteMany({ where: { id: { in: expired } } });
    if (isNextDue(rows, now)) await this.#make(tx, now);
    return await readRows(tx);
  }

  async #make(tx: Transaction, createdAt: Date): Promise<void> {
    const seed = this.#core.random(32);
    const { x = '' } = createPublicKey(privateKeyOf(seed)).export({ format: 'jwk' });
    const publicJwk = { kty: 'OKP', crv: 'Ed25519', x };
    const id = await calculateJwkThumbprint(publicJwk);
    const sealedPrivate = this.#core.sealer.seal(Buffer.from(seed).toString('base64url'), contextOf(id));
    await tx.signingKey.create({ data: { id, publicJwk, sealedPrivate, createdAt } });
  }

  async #open({ id, sealedPrivate, createdAt }: SigningKey): Promise<Pair> {
    const seed = Buffer.from(this.#core.sealer.open(sealedPrivate, contextOf(id)), 'base64url');
    const privateKey = privateKeyOf(seed);
    return { id, createdAt, privateKey, publicKey: createPublicKey(privateKey) };
  }
}

function contextOf(id: string): string {
  return `signing-key:${id}`;
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
}

async function readRows(client: Transaction): Promise<readonly SigningKey[]> {
  return await client.signingKey.findMany({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
}

interface Dated {
  readonly createdAt: Date;
}

function isNextDue(keys: readonly Dated[], now: Date): boolean {
  const newest = keys.at(-1);
  return newest === undefined || now.getTime() >= newest.createdAt.getTime() + SIGNING_KEY_AGE_MS;
}

/**
 * Returns whether everything that a key signed has expired: a newer key has signed for longer than a token's lifetime.
 */
function isOver<Key extends Dated>(key: Key, keys: readonly Key[], now: Date): boolean {
  const next = keys[keys.indexOf(key) + 1];
  if (next === undefined) return false;
  return now.getTime() >= next.createdAt.getTime() + PUBLISHED_AHEAD_MS + SIGNED_LIFETIME_MS + LEEWAY_MS;
}

function isDue(keys: readonly Dated[], now: Date): boolean {
  return isNextDue(keys, now) || keys.some((key) => isOver(key, keys, now));
}
