import { addMs } from '../domain/key.ts';
import { REVIVAL_MS } from '../domain/life.ts';
import { isSameDigest } from '../domain/secret.ts';
import type { Clock } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import type { UseRecorder } from './use-recorder.ts';
import { respondToLeaks, type LeakReport, type LeakResponseCore } from './respond-to-leaks.ts';

/** How many keys one transaction acts on, and how many of those run at once: others get the other connections. */
const BATCH = 25;
const CONCURRENT_BATCHES = 2;

/** How long a leaked key waits for its last uses to be written before it is acted on. */
const USES_WAIT_MS = 200;

/** Something that is said to be the secret of a key. */
export interface ReportedSecret extends Omit<LeakReport, 'secretId' | 'keyId'> {
  /** SHA-256 of it, in hexadecimal. */
  readonly digest: string;
}

interface MatchedSecret {
  readonly secretId: string;
  readonly keyId: string;
  readonly digest: Uint8Array;
  /** Whether it is good, or may be again, and was not reported before. */
  readonly isActionable: boolean;
}

/**
 * Acts on the secrets that were found in public, and answers which of them are, or were, secrets of keys, by digest. All that
 * are none are told apart from the others by one statement, whatever is wrong with them. One that cannot be acted on does not
 * keep the others from it; then this rejects, and the whole report can be repeated.
 */
export async function reportLeaks(
  core: LeakResponseCore & { readonly uses: UseRecorder },
  reported: readonly ReportedSecret[],
): Promise<ReadonlySet<string>> {
  const byDigest = new Map(reported.map((one) => [one.digest, one]));
  const secrets = await findSecrets(core, [...byDigest.keys()]);
  const ours = new Set<string>();
  const fresh: LeakReport[] = [];
  for (const { secretId, keyId, digest, isActionable } of secrets) {
    const name = Buffer.from(digest).toString('hex');
    const found = byDigest.get(name);
    if (found === undefined || !isSameDigest(Buffer.from(found.digest, 'hex'), digest)) continue;
    ours.add(name);
    if (isActionable) fresh.push({ ...found, secretId, keyId });
  }
  if (fresh.length === 0) return ours;
  // So that the last uses are told. What cannot be written now is told of later.
  const written = core.uses.flushSecrets(new Set(fresh.map(({ secretId }) => secretId)));
  await waitAtMost(core.clock, USES_WAIT_MS, written);
  await respondToAll(core, fresh);
  return ours;
}

/** Ends with some work, whatever comes of it, or when that has taken so long. */
function waitAtMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    const end = () => {
      cancel();
      resolve();
    };
    work.then(end, end);
  });
}

/** A batch that fails is gone through one by one. */
async function respondToAll(core: LeakResponseCore, reports: readonly LeakReport[]): Promise<void> {
  const failures: unknown[] = [];
  const batches = batchesOf(reports);
  const work = async () => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      try {
        await respondToLeaks(core, batch);
      } catch (error) {
        if (batch.length > 1) batches.push(...batch.map((one) => [one]));
        else failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_BATCHES }, work));
  if (failures.length > 0) throw failures[0];
}

/** In none of them a key is met twice. */
function batchesOf(reports: readonly LeakReport[]): (readonly LeakReport[])[] {
  const first = new Map(reports.map((one) => [one.keyId, one]));
  const batches: (readonly LeakReport[])[] = reports.filter((one) => first.get(one.keyId) !== one).map((one) => [one]);
  const rest = [...first.values()];
  for (let from = 0; from < rest.length; from += BATCH) batches.push(rest.slice(from, from + BATCH));
  return batches;
}

/** The secrets with these digests, whatever became of them. */
async function findSecrets({ prisma, clock }: Core, digests: readonly string[]): Promise<readonly MatchedSecret[]> {
  const now = clock.now();
  const revivableSince = addMs(now, -REVIVAL_MS);
  return prisma.$queryRaw<MatchedSecret[]>`
    SELECT s.id AS "secretId", s."keyId", s.digest,
           l."secretId" IS NULL AND k."revokedAt" IS NULL AND (s."retiresAt" IS NULL OR s."retiresAt" > ${now})
             AND coalesce(coalesce(k."expiredAt", CASE k."expiryBasis" WHEN 'HARD' THEN k."expiresAt" END)
                          > ${revivableSince}, true) AS "isActionable"
    FROM jsonb_array_elements_text(${JSON.stringify(digests)}::jsonb) AS d
    JOIN "Secret" s ON s.digest = decode(d, 'hex') JOIN "Key" k ON k.id = s."keyId"
    LEFT JOIN "Leak" l ON l."secretId" = s.id`;
}
