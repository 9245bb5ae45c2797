import { addMs } from '../domain/key.ts';
import { REVIVAL_MS } from '../domain/life.ts';
import { isSameDigest } from '../domain/secret.ts';
import type { Clock } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import type { UseRecorder } from './use-recorder.ts';
import { respondToLeaks, type LeakReport, type LeakResponseCore } from './respond-to-leaks.ts';

/**
 * How many keys one transaction responds to, and how many transactions run at once: other work needs connections too.
 */
const BATCH = 25;
const CONCURRENT_BATCHES = 2;

/** How long the response waits for pending uses of the leaked secrets to be written. */
const USES_WAIT_MS = 200;

/** A string reported as leaked, which may be the secret of a key. */
export interface ReportedSecret extends Omit<LeakReport, 'secretId' | 'keyId'> {
  /** SHA-256 of the string, in hexadecimal. */
  readonly digest: string;
}

interface MatchedSecret {
  readonly secretId: string;
  readonly keyId: string;
  readonly digest: Uint8Array;
  /** Whether the secret works, or its key can be revived, and it was not reported before. */
  readonly isActionable: boolean;
}

/**
 * Responds to leaked secrets and returns the digests of those that are, or were, secrets of keys. One statement
 * separates them from all other strings. A failure for one secret does not prevent the response to the others; the
 * promise then rejects, and the whole report can be repeated.
 */
export async function reportLeaks(
  core: LeakResponseCore & { readonly uses: UseRecorder },
  reported: readonly ReportedSecret[],
): Promise<ReadonlySet<string>> {
  const byDigest = new Map(reported.map((secret) => [secret.digest, secret]));
  const secrets = await findSecrets(core, [...byDigest.keys()]);
  const known = new Set<string>();
  const leaks: LeakReport[] = [];
  for (const { secretId, keyId, digest, isActionable } of secrets) {
    const name = Buffer.from(digest).toString('hex');
    const found = byDigest.get(name);
    if (found === undefined || !isSameDigest(Buffer.from(found.digest, 'hex'), digest)) continue;
    known.add(name);
    if (isActionable) leaks.push({ ...found, secretId, keyId });
  }
  if (leaks.length === 0) return known;
  // So that the events name the last uses. Uses that cannot be written in time are missing from them.
  const written = core.uses.flushSecrets(new Set(leaks.map(({ secretId }) => secretId)));
  await waitAtMost(core.clock, USES_WAIT_MS, written);
  await respondToAll(core, leaks);
  return known;
}

/** Resolves when the work has ended, successfully or not, or after `ms`. */
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

/**
 * Responds to all reports in batches. A batch that fails is repeated report by report. Throws the first failure at the
 * end.
 */
async function respondToAll(core: LeakResponseCore, reports: readonly LeakReport[]): Promise<void> {
  const failures: unknown[] = [];
  const batches = batchesOf(reports);
  const work = async () => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      try {
        await respondToLeaks(core, batch);
      } catch (error) {
        if (batch.length > 1) batches.push(...batch.map((report) => [report]));
        else failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_BATCHES }, work));
  if (failures.length > 0) throw failures[0];
}

/** Splits reports into batches. No batch contains the same key twice. */
function batchesOf(reports: readonly LeakReport[]): (readonly LeakReport[])[] {
  const first = new Map(reports.map((report) => [report.keyId, report]));
  const batches: (readonly LeakReport[])[] = reports
    .filter((report) => first.get(report.keyId) !== report)
    .map((report) => [report]);
  const rest = [...first.values()];
  for (let from = 0; from < rest.length; from += BATCH) batches.push(rest.slice(from, from + BATCH));
  return batches;
}

/** Finds the secrets with these digests, in any state. */
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
