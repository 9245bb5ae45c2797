import { plus } from '../domain/key.ts';
import { REVIVAL_MS } from '../domain/life.ts';
import { isSameDigest } from '../domain/secret.ts';
import type { Core } from '../store/core.ts';
import type { UseRecorder } from './record-use.ts';
import { recordLeaks, type LeakReport, type ReportingCore } from './record-leaks.ts';

/** How many keys one transaction acts on, and how many of those run at once: others get the other connections. */
const BATCH = 25;
const AT_ONCE = 2;

/** Something that is said to be the secret of a key. */
export interface ReportedSecret extends Omit<LeakReport, 'secretId' | 'keyId'> {
  /** SHA-256 of it, in hexadecimal. */
  readonly digest: string;
}

type FreshReport = LeakReport & { readonly digest: string };

interface Candidate {
  readonly secretId: string;
  readonly keyId: string;
  readonly digest: Uint8Array;
  readonly isKnown: boolean;
}

/**
 * Acts on the secrets that were found in public: of each whether it is, or was when it was first reported, the secret of a
 * living key. All that are none are told apart from the others by one statement, whatever is wrong with them. One that
 * cannot be acted on does not keep the others from it; then this rejects, and the whole report can be repeated.
 */
export async function reportLeaks(
  core: ReportingCore & { readonly uses: UseRecorder },
  reported: readonly ReportedSecret[],
): Promise<ReadonlySet<string>> {
  const byDigest = new Map(reported.map((one) => [one.digest, one]));
  const candidates = await findCandidates(core, [...byDigest.keys()]);
  const leaked = new Set<string>();
  const fresh: FreshReport[] = [];
  for (const { secretId, keyId, digest, isKnown } of candidates) {
    const name = Buffer.from(digest).toString('hex');
    const found = byDigest.get(name);
    if (found === undefined || !isSameDigest(Buffer.from(found.digest, 'hex'), digest)) continue;
    if (isKnown) leaked.add(name);
    else fresh.push({ ...found, secretId, keyId });
  }
  // So that the last uses are told. What cannot be written now is told of later.
  if (fresh.length > 0) await core.uses.flush().catch(() => undefined);
  for (const digest of await recordAll(core, fresh)) leaked.add(digest);
  return leaked;
}

/** Of these, the digests of those that are leaks. A batch that fails is gone through one by one. */
async function recordAll(core: ReportingCore, reports: readonly FreshReport[]): Promise<readonly string[]> {
  const leaked: string[] = [];
  const failures: unknown[] = [];
  const record = async (batch: readonly FreshReport[]) => {
    const ids = await recordLeaks(core, batch);
    leaked.push(...batch.filter(({ secretId }) => ids.has(secretId)).map(({ digest }) => digest));
  };
  const batches = batchesOf(reports);
  const work = async () => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      try {
        await record(batch);
      } catch (error) {
        if (batch.length > 1) batches.push(...batch.map((one) => [one]));
        else failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failures.length > 0) throw failures[0];
  return leaked;
}

/** In none of them a key is met twice. */
function batchesOf(reports: readonly FreshReport[]): (readonly FreshReport[])[] {
  const first = new Map(reports.map((one) => [one.keyId, one]));
  const batches: (readonly FreshReport[])[] = reports.filter((one) => first.get(one.keyId) !== one).map((one) => [one]);
  const rest = [...first.values()];
  for (let from = 0; from < rest.length; from += BATCH) batches.push(rest.slice(from, from + BATCH));
  return batches;
}

/** The secrets with these digests that are good now, may be again, or were reported before. */
async function findCandidates({ prisma, clock }: Core, digests: readonly string[]): Promise<readonly Candidate[]> {
  const now = clock.now();
  const revivableSince = plus(now, -REVIVAL_MS);
  return prisma.$queryRaw<Candidate[]>`
    SELECT s.id AS "secretId", s."keyId", s.digest, l."secretId" IS NOT NULL AS "isKnown"
    FROM jsonb_array_elements_text(${JSON.stringify(digests)}::jsonb) AS d
    JOIN "Secret" s ON s.digest = decode(d, 'hex') JOIN "Key" k ON k.id = s."keyId"
    LEFT JOIN "Leak" l ON l."secretId" = s.id
    WHERE l."secretId" IS NOT NULL
      OR (k."revokedAt" IS NULL AND (s."retiresAt" IS NULL OR s."retiresAt" > ${now})
          AND coalesce(coalesce(k."expiredAt", CASE k."expiryBasis" WHEN 'HARD' THEN k."expiresAt" END)
                       > ${revivableSince}, true))`;
}
