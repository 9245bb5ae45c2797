import { bad, forbidden, malformed, refusals, type Cases, type Refusal } from './case.ts';

const url = 'https://hooks.example:1/';

const notFound: Refusal = [
  'WEBHOOK_NOT_FOUND',
  'No webhook has this id, or you do not manage it. Check the id, and that you manage the owner of the webhook.',
  ['input', 'webhookId'],
];
const notActive = (found: string): Refusal => ['WEBHOOK_NOT_ACTIVE', `The webhook ${found}`, null];
const urlNotAllowed = (found: string): Refusal => [
  'WEBHOOK_URL_NOT_ALLOWED',
  `${found} Give an https URL on the public internet, or ask the operator of the gateway to allow its host.`,
  ['input', 'url'],
];
const notOnes: Refusal = [
  'OWNER_NOT_FOUND',
  'No owner has this id, or you do not manage its webhooks. Give the id of your account or of one of your organizations.',
  ['input', 'owner'],
];

/** What is wrong with any webhook that is named. */
const named = (more: object = {}): Cases[string] => ({
  'a webhook that is not there': [({ missing }) => ({ webhookId: missing.webhook, ...more }), notFound],
  'a webhook of another': [({ webhook }) => ({ webhookId: webhook, ...more }), notFound, 'eve'],
  'a webhook that has ended': [
    ({ endedWebhook }) => ({ webhookId: endedWebhook, ...more }),
    notActive('has ended. Create a new webhook.'),
  ],
});

export const webhookCases: Cases = {
  createWebhook: {
    'an owner that does not exist': [({ missing }) => ({ url, owner: missing.account }), notOnes],
    'an owner that is a key': [({ missing }) => ({ url, owner: missing.key }), notOnes],
    'an organization of which one is only a member': [({ acme }) => ({ url, owner: acme }), notOnes, 'mia'],
    'an owner whose account is disabled': [
      ({ closed }) => ({ url, owner: closed }),
      [
        'OWNER_NOT_ACTIVE',
        'The owner’s account is disabled. Choose an owner whose account is not disabled.',
        ['input', 'owner'],
      ],
    ],
    'a realm that is not there': [() => ({ url, realm: 'nowhere' }), refusals.realmNotFound],
    'a realm, by who is not an administrator': [
      () => ({ url, realm: 'default' }),
      forbidden('Only administrators can change realms.'),
      'ann',
    ],
    'an owner and a realm': [
      ({ acme }) => ({ url, owner: acme, realm: 'default' }),
      bad('realm', 'Found owner and realm; expected one of them.'),
    ],
    'a key that asks': [() => ({ url }), forbidden('Only accounts can create webhooks. Sign in first.'), 'aKey'],
    'what is no URL': [() => ({ url: 'hooks.example' }), urlNotAllowed('It is not a URL.')],
    'a URL without TLS': [
      () => ({ url: 'http://hooks.example:1/' }),
      urlNotAllowed('Its scheme is http; expected https.'),
    ],
    'a URL with a password': [
      () => ({ url: 'https://a:b@hooks.example:1/' }),
      urlNotAllowed('It contains a user name or password.'),
    ],
    'a URL with a fragment': [
      () => ({ url: `${url}#a` }),
      urlNotAllowed('It has a fragment, which is never sent to a server.'),
    ],
    'a URL with another port': [
      () => ({ url: 'https://hooks.example:22/' }),
      urlNotAllowed('Its port is 22; expected 1.'),
    ],
    'a URL that is too long': [
      () => ({ url: `${url}${'x'.repeat(2000)}` }),
      urlNotAllowed('It has 2024 characters; expected at most 2000.'),
    ],
    'a host that has no address': [
      () => ({ url: 'https://nobody.example:1/' }),
      urlNotAllowed('Its host could not be resolved to an address.'),
    ],
    'an address of this machine': [
      () => ({ url: 'https://127.0.0.1:1/' }),
      urlNotAllowed('Its host has an address outside the public internet.'),
    ],
    'an owner that has as many as it may': [
      ({ globex }) => ({ url, owner: globex }),
      [
        'TOO_MANY_WEBHOOKS',
        'There are already 50 webhooks, the most that are allowed. Delete a webhook that is no longer needed.',
        null,
      ],
    ],
    'a description that is too long': [
      () => ({ url, description: 'x'.repeat(201) }),
      bad('description', 'description has 201 characters; at most 200 are accepted'),
    ],
    'a type that there is not': [() => ({ url, filter: { types: ['KEY_LOST'] } }), malformed()],
    'a key that is none': [
      () => ({ url, filter: { keyIds: ['realm_01m844evt8fhatnd989cp557ja'] } }),
      bad('filter.keyIds', 'keyIds: found realm_01m844evt8fhatnd989cp557ja; expected the id of a key.'),
    ],
    'too many keys': [
      ({ missing }) => ({ url, filter: { keyIds: Array.from({ length: 101 }, () => missing.key) } }),
      bad('filter.keyIds', 'keyIds: found 101; expected at most 100.'),
    ],
    'a label in capitals': [
      () => ({ url, filter: { labels: [{ name: 'Repo', value: 'core' }] } }),
      bad(
        'filter.labels',
        'labels: found label name Repo; expected a-z and 0-9, with . _ - / between them, such as policy/tier',
      ),
    ],
    'too many labels': [
      () => ({ url, filter: { labels: Array.from({ length: 51 }, () => ({ name: 'a', value: 'b' })) } }),
      bad('filter.labels', 'labels: found 51; expected at most 50.'),
    ],
    'a cursor of another log': [
      () => ({ url, after: Buffer.from('1:999999').toString('base64url') }),
      bad('after', 'after: found a cursor ahead of the end of this log; expected a cursor of this log.'),
    ],
    'what is no cursor': [() => ({ url, after: 'next' }), malformed('The cursor was not issued by this gateway.')],
  },
  updateWebhook: {
    ...named({ description: 'x' }),
    'a URL that is not allowed': [
      ({ webhook }) => ({ webhookId: webhook, url: 'https://10.0.0.1:1/' }),
      urlNotAllowed('Its host has an address outside the public internet.'),
    ],
    'a description of nothing to read': [
      ({ webhook }) => ({ webhookId: webhook, description: ' ' }),
      bad('description', 'description has only white space; expected visible characters'),
    ],
  },
  deleteWebhook: {
    ...named(),
    'no reason': [
      ({ webhook }) => ({ webhookId: webhook, reason: '' }),
      bad('reason', 'reason has 0 characters; expected at least 1'),
    ],
  },
  rotateWebhookSecret: {
    ...named(),
    'a grace period that is too long': [
      ({ webhook }) => ({ webhookId: webhook, gracePeriod: 'P29D' }),
      [
        'GRACE_PERIOD_OUT_OF_BOUNDS',
        'gracePeriod: found P29D; expected PT0S to P28D. Request a grace period within the bounds.',
        ['input', 'gracePeriod'],
      ],
    ],
  },
  pauseWebhook: {
    ...named({ reason: 'it moves' }),
    'no reason': [
      ({ webhook }) => ({ webhookId: webhook, reason: '' }),
      bad('reason', 'reason has 0 characters; expected at least 1'),
    ],
  },
  resumeWebhook: named(),
  testWebhook: {
    ...named(),
    'a webhook that is paused': [
      ({ pausedWebhook }) => ({ webhookId: pausedWebhook }),
      notActive('is paused. Resume it first.'),
    ],
  },
  replayWebhook: {
    ...named(),
    'a cursor ahead of the webhook': [
      ({ webhook }) => ({ webhookId: webhook, after: Buffer.from('1:999999').toString('base64url') }),
      bad(
        'after',
        'after: found a cursor ahead of the webhook’s own; expected an earlier one, as no event may be skipped.',
      ),
    ],
  },
};
