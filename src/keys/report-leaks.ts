import { isSameDigest } from '../domain/secret.ts';
import type { Core } from '../store/core.ts';
import type { NoticeChannel } from './notice-channel.ts';
import type { UseRecorder } from './record-use.ts';
import { reportLeak, type LeakReport } from './report-leak.ts';

/** How many keys are held or revoked at the same time: requests of others get the other connections. */
const AT_ONCE = 4;

/** Something that is said to be the secret of a key. */
export interface ReportedSecret extends Omit<LeakReport, 'secretId' | 'keyId'> {
  /** SHA-256 of it, in hexadecimal. */
  readonly digest: string;
}

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
  core: Core & { readonly channels: readonly NoticeChannel[]; readonly uses: UseRecorder },
  reported: readonly ReportedSecret[],
): Promise<ReadonlySet<string>> {
  const byDigest = new Map(reported.map((one) => [one.digest, one]));
  const candidates = await findCandidates(core, [...byDigest.keys()]);
  const leaked = new Set<string>();
  const fresh: (LeakReport & { readonly digest: string })[] = [];
  for (const { secretId, keyId, digest, isKnown } of candidates) {
    const name = Buffer.from(digest).toString('hex');
    const found = byDigest.get(name);
    if (found === undefined || !isSameDigest(Buffer.from(found.digest, 'hex'), digest)) continue;
    if (isKnown) leaked.add(name);
    else fresh.push({ ...found, secretId, keyId });
  }
  // So that the last uses are told. What cannot be written now is told of later.
  if (fresh.length > 0) await core.uses.flush().catch(() => undefined);
  const failures: unknown[] = [];
  const work = async () => {
    for (let one = fresh.pop(); one !== undefined; one = fresh.pop()) {
      try {
        if (await reportLeak(core, one)) leaked.add(one.digest);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failures.length > 0) throw failures[0];
  return leaked;
}

/** The secrets with these digests that are good now, or were reported before. */
async function findCandidates({ prisma, clock }: Core, digests: readonly string[]): Promise<readonly Candidate[]> {
  const now = clock.now();
  return prisma.$queryRaw<Candidate[]>`
    SELECT s.id AS "secretId", s."keyId", s.digest, l."secretId" IS NOT NULL AS "isKnown"
    FROM jsonb_array_elements_text(${JSON.stringify(digests)}::jsonb) AS d
    JOIN "Secret" s ON s.digest = decode(d, 'hex') JOIN "Key" k ON k.id = s."keyId"
    LEFT JOIN "Leak" l ON l."secretId" = s.id
    WHERE l."secretId" IS NOT NULL
      OR (k."revokedAt" IS NULL AND k."expiredAt" IS NULL AND (s."retiresAt" IS NULL OR s."retiresAt" > ${now})
          AND (k."expiryBasis" IS DISTINCT FROM 'HARD' OR k."expiresAt" IS NULL OR k."expiresAt" > ${now}))`;
}
