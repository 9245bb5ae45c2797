import { PUSH } from '../../support/town.ts';
import { bad, forbidden, malformed, refusals, type Cases } from './case.ts';

export const changeCases: Cases = {
  updateKey: {
    'another’s key': [({ foreign }) => ({ keyId: foreign.id, name: 'mine' }), refusals.keyNotFound],
    'a revoked key': [({ revoked }) => ({ keyId: revoked.id, name: 'mine' }), refusals.revoked],
    'a wider scope': [
      ({ active }) => ({ keyId: active.id, scopes: [PUSH, { ...PUSH, resource: '**' }] }),
      [
        'SCOPE_NOT_ALLOWED',
        'package:push on ** is not provably within the scopes of the key. An update only narrows scopes: issue a new key for wider ones.',
        ['input', 'scopes', '1'],
      ],
    ],
    'no scopes': [
      ({ active }) => ({ keyId: active.id, scopes: [] }),
      bad('scopes', 'scopes: found 0; a key has 1 to 100.'),
    ],
    'a later expiry': [
      ({ active }) => ({ keyId: active.id, expiresAt: '2027-06-01T00:00:00Z' }),
      [
        'EXPIRY_OUT_OF_BOUNDS',
        'The expiry would be 2027-06-01T00:00:00.000Z; it may be from 2026-11-24T12:00:00.001Z to 2026-12-24T12:00:00.000Z. An update only shortens the life of a key; renewKey lengthens it. Request an expiry between earliest and latest.',
        ['input'],
      ],
    ],
    'an expiry that is past': [
      ({ active }) => ({ keyId: active.id, expiresAt: '2026-11-24T11:59:59.999Z' }),
      [
        'EXPIRY_OUT_OF_BOUNDS',
        'The expiry would be 2026-11-24T11:59:59.999Z; it may be from 2026-11-24T12:00:00.001Z to 2026-12-24T12:00:00.000Z. An update only shortens the life of a key; renewKey lengthens it. Request an expiry between earliest and latest.',
        ['input'],
      ],
    ],
    'no name': [
      ({ active }) => ({ keyId: active.id, name: '' }),
      bad('name', 'name has 0 characters; expected at least 1'),
    ],
    'a label that chooses policies': [
      ({ active }) => ({ keyId: active.id, labels: [{ name: 'policy/a', value: 'b' }] }),
      forbidden('Only administrators may write labels under policy/.'),
    ],
    'no key': [() => ({ name: 'mine' }), malformed()],
    'a key that asks for itself': [
      ({ active }) => ({ keyId: active.id, name: 'mine' }),
      forbidden(
        'You may see this key, but you lack the permission key.update for it. Ask the owner of the key, an OWNER of the organization, an ADMIN of the organization, the account that issued the key or an administrator of the gateway.',
      ),
      'aKey',
    ],
  },
  transferKey: {
    'another’s key': [({ foreign, olga }) => ({ keyId: foreign.id, owner: olga.id }), refusals.keyNotFound],
    'an owner that does not exist': [
      ({ active, missing }) => ({ keyId: active.id, owner: missing.organization }),
      refusals.ownerNotFound,
    ],
    'to somebody else': [({ active, eve }) => ({ keyId: active.id, owner: eve.id }), refusals.ownerNotFound],
    'to an account that is closed': [
      ({ active, closed }) => ({ keyId: active.id, owner: closed }),
      [
        'OWNER_NOT_ACTIVE',
        'The owner’s account is disabled. Choose an owner whose account is not disabled.',
        ['input', 'owner'],
      ],
      'admin',
    ],
    'to who may not have such a key': [
      ({ verifying, ann }) => ({ keyId: verifying.id, owner: ann.id }),
      [
        'SCOPE_NOT_ALLOWED',
        'You may not give keytide:verify to a key. Ask an administrator of the gateway.',
        ['input', 'owner'],
      ],
      'ann',
    ],
    'a revoked key': [({ revoked, olga }) => ({ keyId: revoked.id, owner: olga.id }), refusals.revoked],
    'a reason that is too long': [
      ({ active, olga }) => ({ keyId: active.id, owner: olga.id, reason: 'x'.repeat(501) }),
      bad('reason', 'reason has 501 characters; at most 500 are accepted'),
    ],
  },
  holdKey: {
    'another’s key': [({ foreign }) => ({ keyId: foreign.id, reason: 'x' }), refusals.keyNotFound],
    'an expired key': [({ expired }) => ({ keyId: expired.id, reason: 'x' }), refusals.expired],
    'no reason': [
      ({ active }) => ({ keyId: active.id, reason: '' }),
      bad('reason', 'reason has 0 characters; expected at least 1'),
    ],
    'a reason of control characters': [
      ({ active }) => ({ keyId: active.id, reason: '\u001b[2J' }),
      bad('reason', 'reason has a control character, U+001B at character 1; none is accepted'),
    ],
  },
  resumeKey: {
    'another’s key': [({ foreign }) => ({ keyId: foreign.id }), refusals.keyNotFound],
    'one that is not held': [
      ({ active }) => ({ keyId: active.id }),
      ['KEY_NOT_HELD', 'The key is not held. No action is needed.', null],
    ],
    'one that an administrator holds': [
      ({ heldByAdmin }) => ({ keyId: heldByAdmin.id }),
      ['HOLD_NOT_YOURS', 'The key is held by an administrator. Ask an administrator to resume the key.', null],
    ],
    'a revoked key': [({ revoked }) => ({ keyId: revoked.id }), refusals.revoked],
  },
  revokeKey: {
    'another’s key': [({ foreign }) => ({ keyId: foreign.id, reason: 'x' }), refusals.keyNotFound],
    'two keys': [
      ({ active }) => ({ keyId: active.id, secret: active.secret, reason: 'x' }),
      ['BAD_USER_INPUT', 'Found both keyId and secret; expected at most one.', null],
    ],
    'no key, by a person': [
      () => ({ reason: 'x' }),
      [
        'BAD_USER_INPUT',
        'keyId: found nothing; expected the id of a key. Only a calling key may leave it out, for itself.',
        null,
      ],
    ],
    'no key, by nobody': [
      () => ({ reason: 'x' }),
      ['UNAUTHENTICATED', 'Sign in, or give the secret of the key to revoke.', null],
      'nobody',
    ],
    'a secret that there is not': [
      ({ missing }) => ({ secret: missing.secret, reason: 'x' }),
      ['KEY_NOT_FOUND', 'No key has this secret. Check that it was copied completely.', ['input', 'secret']],
      'nobody',
    ],
    'what is no secret': [
      () => ({ secret: 'kt_', reason: 'x' }),
      ['KEY_NOT_FOUND', 'No key has this secret. Check that it was copied completely.', ['input', 'secret']],
      'nobody',
    ],
    'a secret that has retired': [
      ({ retired }) => ({ secret: retired, reason: 'x' }),
      [
        'KEY_NOT_ACTIVE',
        /^This secret retired at \S+Z and can no longer revoke its key\. Send the newer secret, or let its owner sign in and revoke the key\.$/,
        ['input', 'secret'],
      ],
      'nobody',
    ],
    'no reason': [
      ({ active }) => ({ secret: active.secret, reason: ' ' }),
      bad('reason', 'reason has only white space; expected visible characters'),
      'nobody',
    ],
  },
  verifyKey: {
    'an action without a resource': [
      ({ active }) => ({ secret: active.secret, action: 'package:push' }),
      bad(null, 'Found one of action and resource; expected both or neither.'),
      'admin',
    ],
    'a resource without an action': [
      ({ active }) => ({ secret: active.secret, resource: 'Acme.Core' }),
      bad(null, 'Found one of action and resource; expected both or neither.'),
      'admin',
    ],
    'an action of nothing': [
      ({ active }) => ({ secret: active.secret, action: '', resource: 'Acme.Core' }),
      bad('action', 'action has 0 characters; expected at least 1'),
      'admin',
    ],
    'a resource that is too long': [
      ({ active }) => ({ secret: active.secret, action: 'a', resource: 'x'.repeat(513) }),
      bad('resource', 'resource has 513 characters; at most 512 are accepted'),
      'admin',
    ],
    'a line break in a consumer': [
      ({ active }) => ({ secret: active.secret, consumer: 'ci\r\nci' }),
      bad('consumer', 'consumer has a control character, U+000D at character 3; none is accepted'),
      'admin',
    ],
    'a person who may not': [
      ({ active }) => ({ secret: active.secret }),
      forbidden('Only keys with the scope keytide:verify, and administrators, may verify keys.'),
    ],
    'no secret': [() => ({}), malformed(), 'admin'],
  },
};
