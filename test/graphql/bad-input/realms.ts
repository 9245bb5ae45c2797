import { bad, forbidden, malformed, refusals, type Cases, type Refusal } from './case.ts';

const action = { realm: 'default', name: 'package:deprecate', description: 'Mark as deprecated' };

const prefixTaken = (prefix: string): Refusal => [
  'SECRET_PREFIX_TAKEN',
  `Another realm has, or had, the prefix ${prefix}, or one prefix is the end of the other. Choose another prefix. A prefix belongs to one realm for ever, even if that realm no longer uses it.`,
  ['input', 'secretPrefix'],
];

export const realmCases: Cases = {
  createRealm: {
    'a slug that is taken': [
      () => ({ slug: 'default', name: 'Default' }),
      ['REALM_EXISTS', 'The realm default exists already. Choose another slug.', ['input', 'slug']],
    ],
    'a prefix of another realm': [() => ({ slug: 'npm', name: 'npm', secretPrefix: 'taken_' }), prefixTaken('taken_')],
    'a slug in capitals': [
      () => ({ slug: 'NuGet', name: 'NuGet' }),
      bad('slug', 'slug: found NuGet; expected 1 to 63 of a-z, 0-9 and -, with no - at the start or end.'),
    ],
    'a slug that is too long': [
      () => ({ slug: 'x'.repeat(64), name: 'x' }),
      bad(
        'slug',
        'slug: found xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…; expected 1 to 63 of a-z, 0-9 and -, with no - at the start or end.',
      ),
    ],
    'no name': [() => ({ slug: 'npm', name: '' }), bad('name', 'name has 0 characters; expected at least 1')],
    'bounds the wrong way round': [
      () => ({ slug: 'npm', name: 'npm', longestLifetime: 'PT1H' }),
      bad(
        'shortestLifetime',
        'shortestLifetime: found 1 day, with a longestLifetime of 1 hour; expected at most the longestLifetime.',
      ),
    ],
    'a ceiling of wildcards for reserved actions': [
      () => ({
        slug: 'npm',
        name: 'npm',
        ceilings: [{ role: 'MEMBER', scopes: [{ action: 'keytide:*', resource: '**' }] }],
      }),
      bad(
        'ceilings',
        'ceilings, MEMBER: action keytide:* has a wildcard for reserved actions; name them one by one: keytide:verify, keytide:read, keytide:issue, keytide:follow, keytide:manage',
      ),
    ],
    'who is not an administrator': [
      () => ({ slug: 'npm', name: 'npm' }),
      forbidden('Only administrators can create realms.'),
      'ann',
    ],
  },
  updateRealm: {
    'a realm that is not there': [() => ({ realm: 'nowhere', name: 'x' }), refusals.realmNotFound],
    'a version that others have changed': [
      () => ({ realm: 'default', name: 'x', settingsVersion: 'of another time' }),
      [
        'REALM_CHANGED',
        'The settings of the realm have changed since this version of them. Read the realm again, and send the change with its new settingsVersion.',
        ['input', 'settingsVersion'],
      ],
    ],
    'a prefix that ends with that of another realm': [
      () => ({ realm: 'default', secretPrefix: 'my_taken_' }),
      prefixTaken('my_taken_'),
    ],
    'mails to subjects from a name with a line break': [
      () => ({ realm: 'default', subjectMail: { senderName: 'Acme\nBcc: x' } }),
      bad('subjectMail', 'subjectMail: senderName has a control character, U+000A at character 5; none is accepted.'),
    ],
    'mails to subjects with a reply-to that is not an address': [
      () => ({ realm: 'default', subjectMail: { senderName: 'Acme', replyTo: 'help' } }),
      bad('subjectMail', 'subjectMail, replyTo: found a text that is not an address; expected name@example.com.'),
    ],
    'mails to subjects that link to a page without https': [
      () => ({ realm: 'default', subjectMail: { senderName: 'Acme', keysPage: 'http://app.example/keys' } }),
      bad(
        'subjectMail',
        'subjectMail, keysPage: found another text; expected an https address such as https://app.example/keys, at most 500 characters.',
      ),
    ],
    'foreign secrets with too few random bits': [
      () => ({ realm: 'default', foreignSecrets: { pattern: '[0-9a-f]{40}', randomBits: 79 } }),
      bad(
        'foreignSecrets',
        'foreignSecrets, randomBits: found 79; expected 80 to 1024: secrets with fewer random bits can be guessed.',
      ),
    ],
    'a pattern of foreign secrets that matches those of the gateway': [
      () => ({ realm: 'default', foreignSecrets: { pattern: 'kt_[0-9A-Za-z]{49}', randomBits: 128 } }),
      bad(
        'foreignSecrets',
        'foreignSecrets, pattern: found "kt_[0-9A-Za-z]{49}"; it matches secrets of this gateway; expected a pattern of foreign secrets alone.',
      ),
    ],
    'a prefix of another form': [
      () => ({ realm: 'default', secretPrefix: 'Acme' }),
      bad(
        'secretPrefix',
        'secretPrefix: found Acme; expected 1 to 4 words of a-z and 0-9, each followed by _, at most 24 characters in all, such as acme_live_.',
      ),
    ],
    'a prefix that resembles other secrets of the gateway': [
      () => ({ realm: 'default', secretPrefix: 'kt_live_' }),
      bad(
        'secretPrefix',
        'secretPrefix: found kt_live_; expected a prefix that resembles no other secret or id of this gateway.',
      ),
    ],
    'a prefix of another issuer': [
      () => ({ realm: 'default', secretPrefix: 'ghp_' }),
      bad(
        'secretPrefix',
        'secretPrefix: found ghp_; ghp_ is how scanners know the secrets of another issuer; expected a prefix of your own.',
      ),
    ],
    'a prefix that is too common': [
      () => ({ realm: 'default', secretPrefix: 'sk_' }),
      bad('secretPrefix', 'secretPrefix: found sk_; it is too common; expected a prefix of your own.'),
    ],
    'a longest life of nothing': [
      () => ({ realm: 'default', longestLifetime: 'PT0S' }),
      bad('longestLifetime', 'longestLifetime: found 0 seconds; expected 1 millisecond to 36500 days.'),
    ],
    'a ceiling of nothing': [
      () => ({ realm: 'default', ceilings: [{ role: 'MEMBER', scopes: [] }] }),
      bad('ceilings', 'ceilings, MEMBER: found no scope; expected 1 to 100. Omit a role to give it no ceiling.'),
    ],
    'a freeze that ends before it begins': [
      () => ({
        realm: 'default',
        freezes: [{ from: '2027-01-02T00:00:00Z', to: '2027-01-01T00:00:00Z', reason: 'x' }],
      }),
      bad(
        'freezes',
        'freezes: found a freeze from 2027-01-02T00:00:00.000Z to 2027-01-01T00:00:00.000Z; expected an end after the start.',
      ),
    ],
    'a freeze for no reason': [
      () => ({
        realm: 'default',
        freezes: [{ from: '2027-01-01T00:00:00Z', to: '2027-01-02T00:00:00Z', reason: ' ' }],
      }),
      bad('freezes', 'freezes: reason has only white space; expected visible characters'),
    ],
    'more freezes than a calendar has': [
      () => ({
        realm: 'default',
        freezes: Array.from({ length: 101 }, () => ({
          from: '2027-01-01T00:00:00Z',
          to: '2027-01-02T00:00:00Z',
          reason: 'x',
        })),
      }),
      bad('freezes', 'freezes: found 101; expected at most 100.'),
    ],
    'a notice in months': [
      () => ({ realm: 'default', minimumNotice: 'P1M' }),
      malformed('months and years differ in length; write days, for example P30D'),
    ],
  },
  defineAction: {
    'a realm that is not there': [() => ({ ...action, realm: 'nowhere' }), refusals.realmNotFound],
    'an action that there is': [
      () => ({ ...action, name: 'package:push' }),
      [
        'ACTION_EXISTS',
        'The realm default has the action package:push already. Use the existing action.',
        ['input', 'name'],
      ],
    ],
    'an action of Keytide’s own': [
      () => ({ ...action, name: 'keytide:verify' }),
      bad('name', 'name: found a name that begins with keytide:; that prefix is reserved.'),
    ],
    'an action of wildcards': [
      () => ({ ...action, name: 'package:*' }),
      bad('name', "name: action package:* has a wildcard; name a key's actions one by one"),
    ],
    'no description': [
      () => ({ ...action, description: '' }),
      bad('description', 'description has 0 characters; expected at least 1'),
    ],
    'a description that is too long': [
      () => ({ ...action, description: 'x'.repeat(501) }),
      bad('description', 'description has 501 characters; at most 500 are accepted'),
    ],
  },
  retireAction: {
    'a realm that is not there': [() => ({ realm: 'nowhere', name: 'package:push' }), refusals.realmNotFound],
    'an action that there is not': [
      () => ({ realm: 'default', name: 'package:delete' }),
      [
        'ACTION_NOT_FOUND',
        'The realm default has no action of this name. Check the name in the realm’s catalogue.',
        ['input', 'name'],
      ],
    ],
    'who is not an administrator': [
      () => ({ realm: 'default', name: 'package:push' }),
      forbidden('Only administrators can change realms.'),
      'ann',
    ],
  },
};
