import { PUSH } from '../../support/town.ts';
import { bad, forbidden, malformed, refusals, type Case, type Cases, type Stage } from './case.ts';

const issued = { realm: 'default', name: 'release', scopes: [PUSH] };
const scope = (resource: string, action = PUSH.action) => ({ scopes: [{ action, resource }] });
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const jwk = (parts: object) => JSON.stringify({ kty: 'OKP', crv: 'X25519', ...parts });

const issueKeyCases: Cases[string] = {
  'a realm that is not there': [() => ({ ...issued, realm: 'nowhere' }), refusals.realmNotFound],
  'a realm in other letters': [() => ({ ...issued, realm: 'DEFAULT' }), refusals.realmNotFound],
  'an owner of another kind': [
    () => ({ ...issued, owner: 'realm_01m844evt8fhatnd989cp557ja' }),
    refusals.ownerNotFound,
  ],
  'an owner that is not an id': [() => ({ ...issued, owner: '; DROP TABLE "Key"' }), refusals.ownerNotFound],
  'no name': [() => ({ ...issued, name: '' }), bad('name', 'name has 0 characters; expected at least 1')],
  'a name of white space': [
    () => ({ ...issued, name: ' \u00a0\u2003' }),
    bad('name', 'name has only white space; expected visible characters'),
  ],
  'a name that is too long': [
    () => ({ ...issued, name: 'x'.repeat(101) }),
    bad('name', 'name has 101 characters; at most 100 are accepted'),
  ],
  'a line break in a name': [
    () => ({ ...issued, name: 'release\r\nX-Admin: yes' }),
    bad('name', 'name has a control character, U+000D at character 8; none is accepted'),
  ],
  'a name that turns the line': [
    () => ({ ...issued, name: 'release\u2028' }),
    bad('name', 'name has a control character, U+2028 at character 8; none is accepted'),
  ],
  'a NUL in a name': [
    () => ({ ...issued, name: 'release\u0000' }),
    bad('name', 'name has a control character, U+0000 at character 8; none is accepted'),
  ],
  'half a character in a name': [
    () => ({ ...issued, name: 'release \ud83d' }),
    bad('name', 'name has half of a surrogate pair, U+D83D at character 9; expected well-formed Unicode'),
  ],
  'no scopes': [() => ({ ...issued, scopes: [] }), bad('scopes', 'scopes: found 0; a key has 1 to 100.')],
  'too many scopes': [
    () => ({ ...issued, scopes: many(101, () => PUSH) }),
    bad('scopes', 'scopes: found 101; a key has 1 to 100.'),
  ],
  'an action that is not in the catalogue': [
    () => ({ ...issued, ...scope('Acme.*', 'package:delete') }),
    [
      'SCOPE_NOT_ALLOWED',
      'package:delete is not an available action of realm default. Available: package:push, package:push-version, package:unlist. Request one of these, or ask an administrator of the gateway to define the action.',
      ['input', 'scopes', '0'],
    ],
  ],
  'an action of wildcards': [
    () => ({ ...issued, ...scope('Acme.*', 'package:*') }),
    bad('scopes.0', "scopes[0]: action package:* has a wildcard; name a key's actions one by one"),
  ],
  'an action of nothing': [
    () => ({ ...issued, ...scope('Acme.*', '') }),
    bad('scopes.0', 'scopes[0]: action has 0 characters; expected at least 1'),
  ],
  'a reserved action that there is not': [
    () => ({ ...issued, ...scope('**', 'keytide:admin') }),
    bad(
      'scopes.0',
      'scopes[0]: action keytide:admin is not a reserved action; reserved actions are keytide:verify, keytide:read, keytide:issue, keytide:follow, keytide:manage',
    ),
  ],
  'a reserved action that is not one’s to give': [
    () => ({ ...issued, ...scope('**', 'keytide:verify') }),
    [
      'SCOPE_NOT_ALLOWED',
      'You may not give keytide:verify to a key. Ask an administrator of the gateway.',
      ['input', 'scopes', '0'],
    ],
  ],
  'a glob of three stars': [
    () => ({ ...issued, ...scope('Acme.***') }),
    bad('scopes.0', 'scopes[0]: resource Acme.***: *** is not a wildcard; write * (within a segment) or ** (across /)'),
  ],
  'a glob of nothing': [
    () => ({ ...issued, ...scope('') }),
    bad('scopes.0', 'scopes[0]: resource has 0 characters; expected at least 1'),
  ],
  'a glob that is too long': [
    () => ({ ...issued, ...scope('*a'.repeat(257)) }),
    bad('scopes.0', 'scopes[0]: resource has 514 characters; at most 512 are accepted'),
  ],
  'a glob with white space around it': [
    () => ({ ...issued, ...scope(' Acme.*') }),
    bad('scopes.0', 'scopes[0]: resource " Acme.*" begins or ends with white space; remove it'),
  ],
  'a NUL in a glob': [
    () => ({ ...issued, ...scope('Acme\u0000') }),
    bad('scopes.0.resource', 'scopes[0].resource has a control character, U+0000 at character 5; none is accepted'),
  ],
  'too many labels': [
    () => ({ ...issued, labels: many(51, (index) => ({ name: `l${index}`, value: 'x' })) }),
    bad('labels', 'labels: found 51; a key has at most 50.'),
  ],
  'a label twice': [
    () => ({ ...issued, labels: many(2, (index) => ({ name: 'repo', value: `${index}` })) }),
    bad('labels', 'labels: found repo twice; expected each name once.'),
  ],
  'a label in capitals': [
    () => ({ ...issued, labels: [{ name: 'Repo', value: 'x' }] }),
    bad(
      'labels',
      'labels: found label name Repo; expected a-z and 0-9, with . _ - / between them, such as policy/tier',
    ),
  ],
  'a label without a value': [
    () => ({ ...issued, labels: [{ name: 'repo', value: '' }] }),
    bad('labels', 'labels: label value has 0 characters; expected at least 1'),
  ],
  'a label that is too long': [
    () => ({ ...issued, labels: [{ name: 'repo', value: 'x'.repeat(257) }] }),
    bad('labels', 'labels: label value has 257 characters; at most 256 are accepted'),
  ],
  'a line break in a label': [
    () => ({ ...issued, labels: [{ name: 'repo', value: 'a\nb' }] }),
    bad('labels', 'labels: label value has a control character, U+000A at character 2; none is accepted'),
  ],
  'a label that chooses policies': [
    () => ({ ...issued, labels: [{ name: 'policy/tier', value: 'free' }] }),
    forbidden('Only administrators may write labels under policy/.'),
  ],
  'two lives': [
    () => ({ ...issued, lifetime: 'P30D', expiresAt: '2027-01-01T00:00:00Z' }),
    bad('lifetime', 'Found both expiresAt and lifetime; expected at most one of them.'),
  ],
  'a life of nothing': [
    () => ({ ...issued, lifetime: 'PT0S' }),
    [
      'EXPIRY_OUT_OF_BOUNDS',
      'The expiry would be 2026-11-24T12:00:00.000Z; it may be from 2026-11-25T12:00:00.000Z to 2027-11-24T12:00:00.000Z. The earliest is set by realm default: shortestLifetime P1D. Request an expiry between earliest and latest.',
      ['input'],
    ],
  ],
  'a life that is too short': [
    () => ({ ...issued, lifetime: 'PT23H59M59.999S' }),
    [
      'EXPIRY_OUT_OF_BOUNDS',
      'The expiry would be 2026-11-25T11:59:59.999Z; it may be from 2026-11-25T12:00:00.000Z to 2027-11-24T12:00:00.000Z. The earliest is set by realm default: shortestLifetime P1D. Request an expiry between earliest and latest.',
      ['input'],
    ],
  ],
  'a life that is too long': [
    () => ({ ...issued, lifetime: 'P365DT0.001S' }),
    [
      'EXPIRY_OUT_OF_BOUNDS',
      'The expiry would be 2027-11-24T12:00:00.001Z; it may be from 2026-11-25T12:00:00.000Z to 2027-11-24T12:00:00.000Z. The latest is set by realm default: longestLifetime P365D. Request an expiry between earliest and latest.',
      ['input'],
    ],
  ],
  'a life in months': [
    () => ({ ...issued, lifetime: 'P3M' }),
    malformed('months and years differ in length; write days, for example P90D'),
  ],
  'a life in years': [
    () => ({ ...issued, lifetime: 'P1Y' }),
    malformed('months and years differ in length; write days, for example P365D'),
  ],
  'a negative life': [
    () => ({ ...issued, lifetime: '-P1D' }),
    malformed('a duration has no sign; expected PT0S or more'),
  ],
  'a life as people say it': [
    () => ({ ...issued, lifetime: '90 days' }),
    malformed('letters must be upper case; expected weeks, or days and time, such as P90D, P2W, PT15M or P1DT12H'),
  ],
  'a life that is a number': [() => ({ ...issued, lifetime: 90 }), malformed('found number, expected a string')],
  'a life beyond all bounds': [
    () => ({ ...issued, lifetime: 'P99999999999999999999D' }),
    malformed('found more than 100 years; at most P36500D is accepted'),
  ],
  'an expiry that has come': [
    () => ({ ...issued, expiresAt: '2026-11-24T12:00:00Z' }),
    [
      'EXPIRY_OUT_OF_BOUNDS',
      'The expiry would be 2026-11-24T12:00:00.000Z; it may be from 2026-11-25T12:00:00.000Z to 2027-11-24T12:00:00.000Z. The earliest is set by realm default: shortestLifetime P1D. Request an expiry between earliest and latest.',
      ['input'],
    ],
  ],
  'an expiry in the year 9999': [
    () => ({ ...issued, expiresAt: '9999-12-31T23:59:59.999Z' }),
    [
      'EXPIRY_OUT_OF_BOUNDS',
      'The expiry would be 9999-12-31T23:59:59.999Z; it may be from 2026-11-25T12:00:00.000Z to 2027-11-24T12:00:00.000Z. The latest is set by realm default: longestLifetime P365D. Request an expiry between earliest and latest.',
      ['input'],
    ],
  ],
  'an expiry in the year 10000': [
    () => ({ ...issued, expiresAt: '10000-01-01T00:00:00Z' }),
    malformed('expected an RFC 3339 timestamp with an offset, such as 2027-01-31T12:00:00Z'),
  ],
  'an expiry before 1970': [
    () => ({ ...issued, expiresAt: '1969-12-31T23:59:59Z' }),
    malformed('expected a year from 1970 to 9999 in UTC'),
  ],
  'an expiry on a day that there is not': [
    () => ({ ...issued, expiresAt: '2027-02-29T00:00:00Z' }),
    malformed('the calendar has no such day'),
  ],
  'an expiry without an offset': [
    () => ({ ...issued, expiresAt: '2027-01-01T00:00:00' }),
    malformed('expected an RFC 3339 timestamp with an offset, such as 2027-01-31T12:00:00Z'),
  ],
  'an expiry that is a number': [
    () => ({ ...issued, expiresAt: 1_798_761_600 }),
    malformed('found number, expected a string'),
  ],
  'a public key that is not JSON': [
    () => ({ ...issued, publicKey: '-----BEGIN PUBLIC KEY-----' }),
    [
      'PUBLIC_KEY_INVALID',
      'The public key is not JSON. Send a public JWK as JSON text: kty OKP with crv X25519, or kty EC with crv P-256.',
      ['input', 'publicKey'],
    ],
  ],
  'a public key that is null': [
    () => ({ ...issued, publicKey: 'null' }),
    [
      'PUBLIC_KEY_INVALID',
      'The public key is not a JSON object. Send a public JWK as JSON text: kty OKP with crv X25519, or kty EC with crv P-256.',
      ['input', 'publicKey'],
    ],
  ],
  'a public key with its private half': [
    () => ({ ...issued, publicKey: jwk({ x: 'AA', d: 'AA' }) }),
    [
      'PUBLIC_KEY_INVALID',
      'The public key contains its private half (d). Send the public half only. Send a public JWK as JSON text: kty OKP with crv X25519, or kty EC with crv P-256.',
      ['input', 'publicKey'],
    ],
  ],
  'a public key of a kind that is not known': [
    () => ({ ...issued, publicKey: '{"kty":"RSA"}' }),
    [
      'PUBLIC_KEY_INVALID',
      'The public key has the kty "RSA" and no crv. Send a public JWK as JSON text: kty OKP with crv X25519, or kty EC with crv P-256.',
      ['input', 'publicKey'],
    ],
  ],
  'a public key without coordinates': [
    () => ({ ...issued, publicKey: jwk({}) }),
    [
      'PUBLIC_KEY_INVALID',
      'The public key lacks a coordinate. Send a public JWK as JSON text: kty OKP with crv X25519, or kty EC with crv P-256.',
      ['input', 'publicKey'],
    ],
  ],
  'a public key that is not a point of its curve': [
    () => ({ ...issued, publicKey: jwk({ x: 'AAAA' }) }),
    [
      'PUBLIC_KEY_INVALID',
      'The public key’s coordinates are not a point on its curve. Send a public JWK as JSON text: kty OKP with crv X25519, or kty EC with crv P-256.',
      ['input', 'publicKey'],
    ],
  ],
  'no idempotency key, but one': [
    () => ({ ...issued, idempotencyKey: '' }),
    bad('idempotencyKey', 'idempotencyKey: found 0 characters; expected 1 to 200.'),
  ],
  'an idempotency key that is too long': [
    () => ({ ...issued, idempotencyKey: 'x'.repeat(201) }),
    bad('idempotencyKey', 'idempotencyKey: found 201 characters; expected 1 to 200.'),
  ],
  'a name that is null': [() => ({ ...issued, name: null }), malformed()],
  'a field that there is not': [() => ({ ...issued, owners: [] }), malformed()],
  'nobody who asks': [
    () => ({ ...issued }),
    ['UNAUTHENTICATED', 'Sign in, or send the secret of a key: Authorization: Bearer <…>.', null],
    'nobody',
  ],
  'a key that may not': [
    () => ({ ...issued }),
    forbidden('This key may not issue keys: it lacks the scope keytide:issue.'),
    'aKey',
  ],
  'an owner whose account is closed': [
    ({ closed }) => ({ ...issued, owner: closed }),
    [
      'OWNER_NOT_ACTIVE',
      'The owner’s account is disabled. Choose an owner whose account is not disabled.',
      ['input', 'owner'],
    ],
    'admin',
  ],
};

/** Returns the case of a row of a list, from the case of the same key alone. */
function inList([input, [code, message, path], asker]: Case): Case {
  const listed = (stage: Stage) => {
    const { realm, idempotencyKey, ...key } = input(stage) as { realm: unknown; idempotencyKey?: unknown };
    return {
      realm,
      keys: [{ name: 'good', scopes: [PUSH] }, key],
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    };
  };
  const [, field] = path ?? [];
  if (path === null || field === 'realm' || field === 'idempotencyKey')
    return [listed, [code, message, path], asker ?? 'olga'];
  const separator = typeof message === 'string' && /^[a-z]\w*(\[\d+\])?: /.test(message) ? '.' : ': ';
  const placed = typeof message === 'string' ? `keys[1]${separator}${message}` : message;
  return [listed, [code, placed, ['input', 'keys', '1', ...path.slice(1)]], asker ?? 'olga'];
}

const adopted = { realm: 'default', secret: 'a secret', key: { externalKeyId: 'nothing' } };
const imported = { digest: 'ab'.repeat(32), start: 'kt_000000', name: 'imported', scopes: [PUSH] };

/** The cases that a list refuses as a key alone is refused: not what is refused with its place among all variables. */
const listCases = Object.entries(issueKeyCases).filter(
  ([, [, [code, message]]]) => code !== 'FORBIDDEN' && !/U\+0000|surrogate/.test(String(message)),
);

export const issueCases: Cases = {
  issueKey: issueKeyCases,
  issueKeys: {
    ...Object.fromEntries(listCases.map(([name, one]) => [name, inList(one)])),
    'no keys': [() => ({ realm: 'default', keys: [] }), bad('keys', 'keys: found 0; expected 1 to 1000.')],
  },
  importKeys: {
    'a realm that is not there': [() => ({ realm: 'nowhere', keys: [imported] }), refusals.realmNotFound, 'admin'],
    'no keys': [() => ({ realm: 'default', keys: [] }), bad('keys', 'keys: found 0; expected 1 to 1000.'), 'admin'],
    'a ramp that is too long': [
      () => ({ realm: 'default', keys: [imported], ramp: { bindFrom: '2026-01-01T00:00:00Z', spreadOver: 'P366D' } }),
      bad('ramp', 'ramp.spreadOver: found a time out of bounds; expected PT0S to P365D.'),
      'admin',
    ],
    'a ramp that begins too late': [
      () => ({ realm: 'default', keys: [imported], ramp: { bindFrom: '2099-01-01T00:00:00Z', spreadOver: 'P1D' } }),
      bad('ramp', 'ramp.bindFrom: found 2099-01-01T00:00:00.000Z; expected at most P365D ahead.'),
      'admin',
    ],
    'a person who is not an administrator': [
      () => ({ realm: 'default', keys: [imported] }),
      forbidden('Only administrators of the gateway may import keys, as signed-in persons.'),
    ],
    'a key that imports': [
      () => ({ realm: 'default', keys: [imported] }),
      forbidden('Only administrators of the gateway may import keys, as signed-in persons.'),
      'aKey',
    ],
  },
  adoptKey: {
    'a realm that is not there': [() => ({ ...adopted, realm: 'nowhere' }), refusals.realmNotFound, 'admin'],
    'no secret': [
      () => ({ ...adopted, secret: ' ' }),
      bad('secret', 'secret: found nothing; expected a secret.'),
      'admin',
    ],
    'no id': [
      () => ({ ...adopted, key: { externalKeyId: '' } }),
      bad('externalKeyId', 'externalKeyId has 0 characters; expected at least 1'),
      'admin',
    ],
    'a key that no import announced': [
      () => adopted,
      [
        'KEY_NOT_FOUND',
        'No import has announced a key with this source and id that you may adopt. Import its row first, or check both.',
        ['input', 'key'],
      ],
      'aBackend',
    ],
    'a key that was adopted': [
      (stage) => stage.adopted,
      [
        'ALREADY_ADOPTED',
        'The key was adopted with another secret. Refuse the secret: the key has another one. If that is wrong, rotate the key.',
        ['input', 'secret'],
      ],
      'admin',
    ],
    'a secret of another form': [
      (stage) => ({ ...stage.announced, secret: 'no such form' }),
      [
        'SECRET_NOT_ACCEPTED',
        'The realm does not accept this secret for this key. Check foreignSecrets of the realm, and that the secret is whole and that of this key.',
        ['input', 'secret'],
      ],
      'admin',
    ],
    'by somebody else': [
      () => adopted,
      forbidden('Only administrators, and keys with the scope keytide:manage, may adopt keys.'),
    ],
  },
};
