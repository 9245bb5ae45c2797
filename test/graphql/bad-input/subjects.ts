import { bad, forbidden, refusals, type Cases, type Refusal } from './case.ts';

const customer = { realm: 'default', externalId: 'customer' };
const nobody = { realm: 'default', externalId: 'nobody' };
const elsewhere = { realm: 'nowhere', externalId: 'customer' };
const noSubject: Refusal = [
  'SUBJECT_NOT_FOUND',
  'The realm has no subject with this external id. Check the external id, which is compared exactly, or make the subject with upsertSubject.',
  ['input', 'externalId'],
];
const notYours = forbidden('Only administrators, and keys with the scope keytide:manage, may act for subjects.');
const noReason = bad('reason', 'reason has 0 characters; expected at least 1');

export const subjectCases: Cases = {
  upsertSubject: {
    'an unknown realm': [() => elsewhere, refusals.realmNotFound],
    'another realm, by a backend': [() => ({ ...customer, realm: 'other' }), refusals.realmNotFound, 'aBackend'],
    'by somebody else': [() => customer, notYours, 'olga'],
    'by a key without the scope': [() => customer, notYours, 'aKey'],
    'an empty external id': [
      () => ({ ...customer, externalId: '' }),
      bad('externalId', 'externalId has 0 characters; expected at least 1'),
    ],
    'half of a surrogate pair': [
      () => ({ ...customer, externalId: 'a\ud800' }),
      bad('externalId', 'externalId has half of a surrogate pair, U+D800 at character 2; expected well-formed Unicode'),
    ],
    'NUL in an external id': [
      () => ({ ...customer, externalId: 'a\u0000' }),
      bad('externalId', 'externalId has a control character, U+0000 at character 2; none is accepted'),
    ],
    'an external id that is too long': [
      () => ({ ...customer, externalId: 'x'.repeat(256) }),
      bad('externalId', 'externalId has 256 characters; at most 255 are accepted'),
    ],
    'no address': [() => ({ ...customer, email: 'nobody' }), refusals.noEmail],
    'no language': [
      () => ({ ...customer, language: 'German, please' }),
      bad('language', 'language: found a text that is not a language tag; expected one such as de or pt-BR.'),
    ],
    'a label of administrators, by a backend': [
      () => ({ ...customer, labels: [{ name: 'policy/plan', value: 'pro' }] }),
      forbidden('Only administrators may write labels under policy/.'),
      'aBackend',
    ],
  },
  disableSubject: {
    'an unknown realm': [() => ({ ...elsewhere, reason: 'unpaid' }), refusals.realmNotFound],
    'a subject that the realm does not have': [() => ({ ...nobody, reason: 'unpaid' }), noSubject],
    'by somebody else': [() => ({ ...customer, reason: 'unpaid' }), notYours, 'olga'],
    'no reason': [() => ({ ...customer, reason: '' }), noReason],
    'enabled by a backend, disabled by an administrator': [
      () => ({ ...customer, disabled: false, reason: 'paid' }),
      [
        'SUBJECT_NOT_ACTIVE',
        'An administrator disabled the subject. Ask an administrator of the gateway to enable it.',
        null,
      ],
      'aBackend',
    ],
  },
  removeSubject: {
    'an unknown realm': [() => ({ ...elsewhere, reason: 'asked for it' }), refusals.realmNotFound],
    'a subject that the realm does not have': [() => ({ ...nobody, reason: 'asked for it' }), noSubject],
    'by somebody else': [() => ({ ...customer, reason: 'asked for it' }), notYours, 'olga'],
    'no reason': [() => ({ ...customer, reason: '' }), noReason],
    'by a backend, disabled by an administrator': [
      () => ({ ...customer, reason: 'asked for it' }),
      [
        'SUBJECT_NOT_ACTIVE',
        'An administrator disabled the subject. Ask an administrator of the gateway to remove it.',
        null,
      ],
      'aBackend',
    ],
  },
  createPortalSession: {
    'an unknown realm': [() => ({ ...elsewhere, may: ['LIST'] }), refusals.realmNotFound],
    'a subject that the realm does not have': [() => ({ ...nobody, may: ['LIST'] }), noSubject],
    'a subject that is disabled': [
      () => ({ ...customer, may: ['LIST'] }),
      ['SUBJECT_NOT_ACTIVE', 'The subject is disabled. Enable the subject first.', ['input', 'externalId']],
    ],
    'by somebody else': [() => ({ ...customer, may: ['LIST'] }), notYours, 'olga'],
    'no action': [
      () => ({ ...customer, may: [] }),
      bad('may', 'may: found nothing; expected at least one of LIST, ISSUE, RENEW, ROTATE, REVOKE, EVENTS.'),
    ],
    'too long a lifetime': [
      () => ({ ...customer, may: ['LIST'], lifetime: 'PT2H' }),
      bad('lifetime', 'lifetime: found PT2H; expected PT1S to PT1H.'),
    ],
  },
  endPortalSessions: {
    'an unknown realm': [() => elsewhere, refusals.realmNotFound],
    'a subject that the realm does not have': [() => nobody, noSubject],
    'by somebody else': [() => customer, notYours, 'olga'],
    'no reason': [() => ({ ...customer, reason: '' }), noReason],
  },
};
