import { bad, forbidden, malformed, refusals, type Cases } from './case.ts';

export const renewCases: Cases = {
  renewKey: {
    'another’s key': [({ foreign }) => ({ keyId: foreign.id }), refusals.keyNotFound],
    'no key, by a person': [
      () => ({}),
      [
        'BAD_USER_INPUT',
        'keyId: found nothing; expected the id of a key. Only a calling key may leave it out, for itself.',
        null,
      ],
    ],
    'an account in a key’s place': [({ olga }) => ({ keyId: olga.id }), refusals.keyNotFound],
    'a held key': [({ held }) => ({ keyId: held.id }), refusals.held],
    'a revoked key': [({ revoked }) => ({ keyId: revoked.id }), refusals.revoked],
    'two lives': [
      ({ active }) => ({ keyId: active.id, lifetime: 'P1D', expiresAt: '2027-01-01T00:00:00Z' }),
      bad('lifetime', 'Found both expiresAt and lifetime; expected at most one of them.'),
    ],
    'a life that is too long': [
      ({ active }) => ({ keyId: active.id, lifetime: 'P366D' }),
      [
        'EXPIRY_OUT_OF_BOUNDS',
        'The expiry would be 2027-11-25T12:00:00.000Z; it may be from 2026-11-25T12:00:00.000Z to 2027-11-24T12:00:00.000Z. The latest is set by realm default: longestLifetime P365D. Request an expiry between earliest and latest.',
        ['input'],
      ],
    ],
    'one whose secret has to be replaced, without saying that one can': [
      ({ toRotate }) => ({ keyId: toRotate }),
      [
        'ROTATION_REQUIRED',
        'Policy requires this renewal to replace the key’s secret. Retry with accept: [EXTEND, ROTATE], and be ready to store a new secret.',
        null,
      ],
      'admin',
    ],
    'no mode at all': [
      ({ active }) => ({ keyId: active.id, accept: [] }),
      bad('accept', 'accept: found an empty list; expected EXTEND, ROTATE or both.'),
    ],
    'a mode that there is not': [({ active }) => ({ keyId: active.id, accept: ['REPLACE'] }), malformed()],
    'a grace that is too long': [
      ({ active }) => ({ keyId: active.id, accept: ['ROTATE'], gracePeriod: 'P30DT1S' }),
      [
        'GRACE_PERIOD_OUT_OF_BOUNDS',
        'gracePeriod: found P30DT1S; expected PT0S to P30D. Request a grace period within the bounds.',
        ['input', 'gracePeriod'],
      ],
    ],
    'a public key that is none': [
      ({ active }) => ({ keyId: active.id, accept: ['ROTATE'], publicKey: '{}' }),
      [
        'PUBLIC_KEY_INVALID',
        'The public key has no kty and no crv. Send a public JWK as JSON text: kty OKP with crv X25519, or kty EC with crv P-256.',
        ['input', 'publicKey'],
      ],
    ],
    'a rotation while one is pending': [
      ({ rotating }) => ({ keyId: rotating.id, accept: ['ROTATE'] }),
      [
        'ROTATION_PENDING',
        'A rotation of the key is pending. Confirm or undo it, or wait until 2026-11-25T12:00:00.000Z.',
        null,
      ],
    ],
    'the old secret': [
      () => ({}),
      [
        'RENEWAL_NOT_ALLOWED',
        'Only the current secret may renew its key; this secret is retiring. Send the current secret.',
        null,
      ],
      'theOldSecret',
    ],
  },
  rotateKey: {
    'another’s key': [({ foreign }) => ({ keyId: foreign.id }), refusals.keyNotFound],
    'a held key': [({ held }) => ({ keyId: held.id }), refusals.held],
    'an expired key': [({ expired }) => ({ keyId: expired.id }), refusals.expired],
    'while one is pending': [
      ({ rotating }) => ({ keyId: rotating.id }),
      [
        'ROTATION_PENDING',
        'A rotation of the key is pending. Confirm or undo it, or wait until 2026-11-25T12:00:00.000Z.',
        null,
      ],
    ],
    'a grace that is too long': [
      ({ active }) => ({ keyId: active.id, gracePeriod: 'P31D' }),
      [
        'GRACE_PERIOD_OUT_OF_BOUNDS',
        'gracePeriod: found P31D; expected PT0S to P30D. Request a grace period within the bounds.',
        ['input', 'gracePeriod'],
      ],
    ],
    'a negative grace': [
      ({ active }) => ({ keyId: active.id, gracePeriod: '-PT1S' }),
      malformed('a duration has no sign; expected PT0S or more'),
    ],
    'a public key that is none': [
      ({ active }) => ({ keyId: active.id, publicKey: '[]' }),
      [
        'PUBLIC_KEY_INVALID',
        'The public key has no kty and no crv. Send a public JWK as JSON text: kty OKP with crv X25519, or kty EC with crv P-256.',
        ['input', 'publicKey'],
      ],
    ],
  },
  confirmRotation: {
    'another’s key': [({ foreign }) => ({ keyId: foreign.id }), refusals.keyNotFound],
    'none that is pending': [
      ({ active }) => ({ keyId: active.id }),
      ['ROTATION_NOT_PENDING', 'The key has no pending rotation: only one secret works. No action is needed.', null],
    ],
    'a revoked key': [({ revoked }) => ({ keyId: revoked.id }), refusals.revoked],
    'the old secret': [
      () => ({}),
      forbidden('Only the current secret, or a manager of the key, may confirm the rotation; this secret is retiring.'),
      'theOldSecret',
    ],
  },
  undoRotation: {
    'another’s key': [({ foreign }) => ({ keyId: foreign.id }), refusals.keyNotFound],
    'none that is pending': [
      ({ active }) => ({ keyId: active.id }),
      [
        'ROTATION_NOT_PENDING',
        'The key has no pending rotation: only one secret works. To replace the current secret, rotate the key.',
        null,
      ],
    ],
    'a revoked key': [({ revoked }) => ({ keyId: revoked.id }), refusals.revoked],
  },
};
