import { DAY_MS } from '../../domain/duration.ts';
import { isSameDigest } from '../../domain/secret.ts';
import { change } from '../../log/change.ts';
import type { Core } from '../../store/core.ts';
import { countedDigestOf } from './address-digest.ts';
import type { ClaimedSubjectMail } from './claim-subject-mails.ts';

/**
 * How many mails to subjects of a realm an address gets on a day (UTC), whatever subjects name it. The addresses that
 * backends name are not verified.
 */
export const ADDRESS_MAILS_PER_DAY = 3;

/** ENDED: the reader of the address has unsubscribed from the realm's mails. LIMITED: it has got the realm’s mails of the day. */
export type AddressState = 'FREE' | 'LIMITED' | 'ENDED';

/**
 * Counts a mail towards the limit of its address, unless the address may get no mail now. All attempts of a day to an address
 * count once; an attempt on another day, or to an address that the subject got in the meantime, counts again.
 */
export function reserveAddress(
  core: Core,
  { id, countedDay, countedDigest }: ClaimedSubjectMail,
  realmId: string,
  digest: Buffer<ArrayBuffer>,
): Promise<AddressState> {
  const counted = countedDigestOf(realmId, digest);
  return change(core, async ({ tx, now }) => {
    const ended = await tx.endedAddress.findUnique({ where: { realmId_digest: { realmId, digest } } });
    if (ended !== null) return 'ENDED';
    const day = Math.floor(now().getTime() / DAY_MS);
    if (countedDay === day && countedDigest !== null && isSameDigest(countedDigest, digest)) return 'FREE';
    const free = await tx.$queryRaw<unknown[]>`
      INSERT INTO "AddressDay" AS a (digest, day, count) VALUES (${counted}, ${day}, 1)
      ON CONFLICT (digest, day) DO UPDATE SET count = a.count + 1 WHERE a.count < ${ADDRESS_MAILS_PER_DAY}
      RETURNING 1`;
    if (free.length === 0) return 'LIMITED';
    await tx.subjectMail.updateMany({ where: { id }, data: { countedDay: day, countedDigest: digest } });
    return 'FREE';
  });
}
