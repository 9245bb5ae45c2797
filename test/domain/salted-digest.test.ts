import { hash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { isSaltedDigest } from '../../src/domain/salted-digest.ts';

/** A digest as ASP.NET Identity version 3 and NuGet Gallery make it. */
function aspNetDigest(secret: string, version: 2 | 3): string {
  const salt = randomBytes(16);
  const digest = pbkdf2Sync(secret, salt, 10, 32, 'sha256');
  const header = Buffer.alloc(13);
  header.writeUInt8(1, 0);
  header.writeUInt32BE(1, 1);
  header.writeUInt32BE(10_000, 5);
  header.writeUInt32BE(16, 9);
  return Buffer.concat([version === 3 ? header : Buffer.alloc(1), salt, digest]).toString('base64');
}

test('salted digests: bcrypt, argon2 and PBKDF2 are recognized, and other digests are not', () => {
  for (const digest of [
    '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
    '$2y$10$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
    '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b4dWRWJTmaaJObG0pG6yXKqjDM',
    '$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG0pG6yXKqjDM',
    '$pbkdf2-sha256$29000$Q8hZa23NGaMUAgDAOIfQug$yhTyzaLh4oZkIoZQg8h7lzKMzWmWv0Jv9YJqfGsUcGk',
    '$pbkdf2-sha512$i=210000,l=32$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG0pG6yXKqjDM',
    'pbkdf2_sha256$600000$abcdefgh$RdescudvJCsgt3ub+b4dWRWJTmaaJObG0pG6yXKqjDM=',
    'pbkdf2:sha256:600000$abcdefgh$' + hash('sha256', 'x', 'hex'),
    aspNetDigest('secret', 2),
    aspNetDigest('secret', 3),
    `oy2abcdefghijklmn234${aspNetDigest('secret', 3)}`,
    ` ${aspNetDigest('secret', 3)}\n`,
  ])
    expect([digest, isSaltedDigest(digest)]).toEqual([digest, true]);
  for (const other of [
    '',
    'no digest',
    ...(['hex', 'base64', 'base64url'] as const).map((encoding) => hash('sha256', 'x', encoding)),
    hash('sha512', 'x', 'base64'),
    hash('sha512', 'x', 'hex'),
    '$2b$12$short',
    'kt_' + '0'.repeat(49),
    '$argon2id$' + 'a'.repeat(600),
  ])
    expect([other, isSaltedDigest(other)]).toEqual([other, false]);
});
