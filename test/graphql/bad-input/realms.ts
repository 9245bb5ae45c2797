import { bad, forbidden, malformed, refusals, type Cases } from './case.ts';

const action = { realm: 'default', name: 'package:deprecate', description: 'Mark as deprecated' };

export const realmCases: Cases = {
  createRealm: {
    'a slug that is taken': [
      () => ({ slug: 'default', name: 'Default' }),
      ['REALM_EXISTS', 'There is a realm default already. Choose another slug.', ['input', 'slug']],
    ],
    'a slug in capitals': [
      () => ({ slug: 'NuGet', name: 'NuGet' }),
      bad('slug', 'slug: found NuGet; write 1 to 63 of a-z, 0-9 and -, not - at an end.'),
    ],
    'a slug that is too long': [
      () => ({ slug: 'x'.repeat(64), name: 'x' }),
      bad(
        'slug',
        'slug: found xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…; write 1 to 63 of a-z, 0-9 and -, not - at an end.',
      ),
    ],
    'no name': [() => ({ slug: 'npm', name: '' }), bad('name', 'name has 0 characters; at least 1 is expected')],
    'bounds the wrong way round': [
      () => ({ slug: 'npm', name: 'npm', longestLifetime: 'PT1H' }),
      bad(
        'shortestLifetime',
        'shortestLifetime: found 1 day as the shortest life and 1 hour as the longest; the shortest is no longer than the longest.',
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
        'ceilings, MEMBER: action keytide:* has a wildcard for reserved actions; name them one by one: keytide:verify, keytide:read, keytide:issue',
      ),
    ],
    'who is no administrator': [
      () => ({ slug: 'npm', name: 'npm' }),
      forbidden('Only administrators make realms.'),
      'ann',
    ],
  },
  updateRealm: {
    'a realm that is not there': [() => ({ realm: 'nowhere', name: 'x' }), refusals.realmNotFound],
    'a longest life of nothing': [
      () => ({ realm: 'default', longestLifetime: 'PT0S' }),
      bad('longestLifetime', 'longestLifetime: found 0 seconds; it may be from 1 millisecond to 36500 days.'),
    ],
    'a ceiling of nothing': [
      () => ({ realm: 'default', ceilings: [{ role: 'MEMBER', scopes: [] }] }),
      bad(
        'ceilings',
        'ceilings, MEMBER: found no scope; a role that is listed has 1 to 100, one that is not has no ceiling.',
      ),
    ],
    'a freeze that ends before it begins': [
      () => ({
        realm: 'default',
        freezes: [{ from: '2027-01-02T00:00:00Z', to: '2027-01-01T00:00:00Z', reason: 'x' }],
      }),
      bad('freezes', 'freezes: found one that ends at 2027-01-01T00:00:00.000Z, when it has not begun.'),
    ],
    'a freeze for no reason': [
      () => ({
        realm: 'default',
        freezes: [{ from: '2027-01-01T00:00:00Z', to: '2027-01-02T00:00:00Z', reason: ' ' }],
      }),
      bad('freezes', 'freezes: reason has only white space; something to read is expected'),
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
      bad('freezes', 'freezes: found 101; a calendar has at most 100.'),
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
        'Realm default has an action package:push already. Use the action that is there.',
        ['input', 'name'],
      ],
    ],
    'an action of Keytide’s own': [
      () => ({ ...action, name: 'keytide:verify' }),
      bad('name', 'name: found one that begins with keytide:, which Keytide keeps for itself.'),
    ],
    'an action of wildcards': [
      () => ({ ...action, name: 'package:*' }),
      bad('name', "name: action package:* has a wildcard; a key's actions are named one by one"),
    ],
    'no description': [
      () => ({ ...action, description: '' }),
      bad('description', 'description has 0 characters; at least 1 is expected'),
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
      ['ACTION_NOT_FOUND', 'Realm default has no such action. Check the realm’s catalogue.', ['input', 'name']],
    ],
    'who is no administrator': [
      () => ({ realm: 'default', name: 'package:push' }),
      forbidden('Only administrators change realms.'),
      'ann',
    ],
  },
};
