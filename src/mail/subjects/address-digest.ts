import { hash } from 'node:crypto';
import { foldEmail } from '../../domain/check-email.ts';
import type { Sealer } from '../../store/sealing.ts';

/**
 * Returns the digest by which an address is limited and unsubscribed, keyed with the sealing key: the database alone does not
 * tell the address. A tag after `+` is left out, because `name+1@…` and `name+2@…` usually reach the same person.
 */
export function addressDigestOf(sealer: Sealer, email: string): Buffer<ArrayBuffer> {
  const folded = foldEmail(email);
  const at = folded.lastIndexOf('@');
  const [name = ''] = folded.slice(0, at).split('+', 1);
  return sealer.mac('subject-address', `${name === '' ? folded.slice(0, at) : name}${folded.slice(at)}`);
}

/**
 * Returns the digest by which the mails of a realm to an address are counted, from that of the address. It differs by realm:
 * no realm uses up the mails of another.
 */
export function countedDigestOf(realmId: string, addressDigest: Uint8Array): Buffer<ArrayBuffer> {
  const text = `keytide mails of ${realmId} to ${Buffer.from(addressDigest).toString('hex')}`;
  return Buffer.from(hash('sha256', text, 'buffer'));
}
