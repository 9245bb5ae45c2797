import { bad, forbidden, malformed, refusals, type Cases, type Refusal } from './case.ts';

const issuerNotFound: Refusal = [
  'ISSUER_NOT_FOUND',
  'No trusted issuer has this id, or you do not administer it. Query the realm’s issuers.',
  ['input', 'issuerId'],
];
const ruleNotFound: Refusal = [
  'TOKEN_RULE_NOT_FOUND',
  'No token rule has this id, or you do not administer it. Query the rules of the realm’s issuers.',
  ['input', 'ruleId'],
];
const exists: Refusal = [
  'ISSUER_EXISTS',
  /^A realm already trusts this issuer for the audience .*\. Update the existing issuer, or choose another audience\.$/,
  ['input', 'audience'],
];
const urlNotAllowed = (found: string): Refusal => [
  'ISSUER_URL_NOT_ALLOWED',
  `${found} Import the issuer’s key set, or ask the operator of the gateway to allow its host.`,
  ['input', 'url'],
];
const notPinned: Refusal = [
  'TOKEN_RULE_NOT_PINNED',
  'No condition matches an id of GitHub Actions by equals; expected at least one of repository_id or repository_owner_id. Add a condition on an id with equals: a name that becomes free can be taken by someone else.',
  ['input', 'conditions'],
];
const ownerNotActive: Refusal = [
  'OWNER_NOT_ACTIVE',
  'The owner’s account is disabled. Choose an owner whose account is not disabled.',
  ['input', 'owner'],
];
const scopeNotAllowed: Refusal = [
  'SCOPE_NOT_ALLOWED',
  /^image:pull is not an available action of realm .*\. Available: package:push\. Request one of these, or ask an administrator of the gateway to define the action\.$/,
  ['input', 'scopes', '0'],
];
const notAccepted = (found: string): Refusal => ['TOKEN_NOT_ACCEPTED', found, ['input', 'token']];
const team = { claim: 'team', equals: 'acme' };
const imagePull = [{ action: 'image:pull', resource: '*' }];

/** What is wrong with what any rule says. */
const terms = (whole: (more: object) => Cases[string][string][0]): Cases[string] => ({
  'an owner that does not exist': [
    ({ missing, ...stage }) => whole({ owner: missing.account })({ missing, ...stage }),
    refusals.ownerNotFound,
  ],
  'an owner whose account is disabled': [(stage) => whole({ owner: stage.closed })(stage), ownerNotActive],
  'a scope that the catalogue has not': [whole({ scopes: imagePull }), scopeNotAllowed],
  'no scope': [whole({ scopes: [] }), bad('scopes', 'scopes: found 0; a key has 1 to 100.')],
  'no condition': [whole({ conditions: [] }), bad('conditions', 'conditions: found 0; a rule has 1 to 20.')],
  'too many conditions': [
    whole({ conditions: Array.from({ length: 21 }, () => team) }),
    bad('conditions', 'conditions: found 21; a rule has 1 to 20.'),
  ],
  'a condition of nothing': [
    whole({ conditions: [{ claim: 'team' }] }),
    bad('conditions', 'conditions: found both or neither of equals and matches; expected exactly one'),
  ],
  'a condition of both': [
    whole({ conditions: [{ ...team, matches: '*' }] }),
    bad('conditions', 'conditions: found both or neither of equals and matches; expected exactly one'),
  ],
  'a glob that is none': [
    whole({ conditions: [{ claim: 'team', matches: '***' }] }),
    bad('conditions', 'conditions: *** is not a wildcard; write * (within a segment) or ** (across /)'),
  ],
  'a claim without a name': [
    whole({ conditions: [{ claim: '', equals: 'a' }] }),
    bad('conditions', 'conditions: the name of a claim has 0 characters; expected at least 1'),
  ],
  'a sub that is taken apart': [
    whole({ conditions: [{ claim: 'sub', matches: 'repo:acme/*' }] }),
    bad(
      'conditions',
      'conditions: sub can be compared only by equals; to match a part of it, use the claims that it is made of',
    ),
  ],
  'a label that every key gets already': [
    whole({ labels: [{ name: 'ci/consumer', value: 'mine' }] }),
    bad('claimLabels', 'claimLabels: found the label ci/consumer, which the key already has.'),
  ],
  'a label by which policies choose': [
    whole({ claimLabels: [{ name: 'policy/tier', claim: 'tier' }] }),
    bad('claimLabels', 'claimLabels: found policy/tier; labels under policy/ cannot be taken from a token.'),
  ],
  'too many labels of claims': [
    whole({ claimLabels: Array.from({ length: 11 }, (_, index) => ({ name: `l${index}`, claim: 'c' })) }),
    bad('claimLabels', 'claimLabels: found 11; a rule has at most 10.'),
  ],
  'a label in capitals': [
    whole({ claimLabels: [{ name: 'Repo', claim: 'repository' }] }),
    bad(
      'claimLabels',
      'claimLabels: found label name Repo; expected a-z and 0-9, with . _ - / between them, such as policy/tier',
    ),
  ],
  'a name of nothing': [whole({ name: '' }), bad('name', 'name has 0 characters; expected at least 1')],
});

export const issuerCases: Cases = {
  trustIssuer: {
    'a realm that is not there': [() => ({ realm: 'nowhere', url: 'https://10.0.0.1' }), refusals.realmNotFound],
    'who is not an administrator': [
      () => ({ realm: 'default', url: 'https://10.0.0.1' }),
      forbidden('Only administrators can change realms.'),
      'ann',
    ],
    'an issuer that is trusted for that audience': [
      ({ job }) => ({ realm: job.realm, url: job.url, keySet: job.keySet }),
      exists,
    ],
    'a realm that trusts as many as it may': [
      ({ crowdedRealm, job }) => ({ realm: crowdedRealm, url: 'https://more.example', keySet: job.keySet }),
      [
        'TOO_MANY_ISSUERS',
        /^Realm .* already trusts 50 issuers, the most allowed\. Distrust an issuer that is no longer needed\.$/,
        null,
      ],
    ],
    'no URL': [
      () => ({ realm: 'default' }),
      bad('url', 'url: found nothing; a URL is required unless the preset has a fixed one.'),
    ],
    'what is no URL': [
      () => ({ realm: 'default', url: 'jobs.example' }),
      bad('url', 'url: expected an http or https URL without query and fragment.'),
    ],
    'a URL with a query': [
      () => ({ realm: 'default', url: 'https://jobs.example/?a' }),
      bad('url', 'url: expected an http or https URL without query and fragment.'),
    ],
    'a URL of another provider': [
      () => ({ realm: 'default', url: 'https://jobs.example', preset: 'BUILDKITE' }),
      bad('url', 'url: expected a URL of Buildkite: https://agent.buildkite.com.'),
    ],
    'a URL without TLS': [
      () => ({ realm: 'default', url: 'http://jobs.example' }),
      urlNotAllowed('Its scheme is http; expected https.'),
    ],
    'an address of this machine': [
      () => ({ realm: 'default', url: 'https://127.0.0.1:1' }),
      urlNotAllowed('Its host has an address outside the public internet.'),
    ],
    'a provider that is not known': [() => ({ realm: 'default', preset: 'TRAVIS' }), malformed()],
    'a key set that is none': [
      () => ({ realm: 'default', url: 'https://jobs.example', keySet: { keys: [] } }),
      bad('keySet', 'keySet: expected a JWK set with public keys (RSA, EC or OKP) of at most 50000 characters.'),
    ],
    'an audience of nothing': [
      () => ({ realm: 'default', url: 'https://jobs.example', audience: '' }),
      bad('audience', 'audience has 0 characters; expected at least 1'),
    ],
  },
  updateIssuer: {
    'an issuer that is not there': [({ missing }) => ({ issuerId: missing.issuer, name: 'x' }), issuerNotFound],
    'an issuer, by who is not an administrator': [
      ({ job }) => ({ issuerId: job.issuerId, name: 'x' }),
      issuerNotFound,
      'ann',
    ],
    'an issuer that is distrusted': [({ distrusted }) => ({ issuerId: distrusted, name: 'x' }), issuerNotFound],
    'an audience that is taken': [({ twin, job }) => ({ issuerId: twin, audience: job.audience }), exists],
    'a name of nothing': [
      ({ job }) => ({ issuerId: job.issuerId, name: '' }),
      bad('name', 'name has 0 characters; expected at least 1'),
    ],
    'a key set of secrets': [
      ({ job }) => ({ issuerId: job.issuerId, keySet: { keys: [{ kty: 'oct', k: 'AAAA' }] } }),
      bad('keySet', 'keySet: expected a JWK set with public keys (RSA, EC or OKP) of at most 50000 characters.'),
    ],
  },
  distrustIssuer: {
    'an issuer that is not there': [({ missing }) => ({ issuerId: missing.issuer }), issuerNotFound],
    'an issuer that is distrusted already': [({ distrusted }) => ({ issuerId: distrusted }), issuerNotFound],
    'no reason': [
      ({ job }) => ({ issuerId: job.issuerId, reason: '' }),
      bad('reason', 'reason has 0 characters; expected at least 1'),
    ],
  },
  addTokenRule: {
    'an issuer that is not there': [({ missing, job }) => ({ ...job.terms, issuerId: missing.issuer }), issuerNotFound],
    'an issuer, by who is not an administrator': [({ job }) => job.terms, issuerNotFound, 'ann'],
    'names alone, of a provider that has ids': [({ github }) => github.terms, notPinned],
    'an issuer that has as many as it may': [
      ({ crowdedIssuer }) => crowdedIssuer.terms,
      [
        'TOO_MANY_TOKEN_RULES',
        'This issuer already has 100 rules, the most allowed. Remove a rule that is no longer needed, or let one rule cover more cases.',
        null,
      ],
    ],
    ...terms((more) => ({ job }) => ({ ...job.terms, ...more })),
  },
  updateTokenRule: {
    'a rule that is not there': [({ missing }) => ({ ruleId: missing.rule, name: 'x' }), ruleNotFound],
    'a rule, by who is not an administrator': [({ job }) => ({ ruleId: job.ruleId, name: 'x' }), ruleNotFound, 'ann'],
    'names alone, of a provider that has ids': [
      ({ github }) => ({ ruleId: github.ruleId, conditions: [team] }),
      notPinned,
    ],
    ...terms((more) => ({ job }) => ({ ruleId: job.ruleId, ...more })),
  },
  removeTokenRule: {
    'a rule that is not there': [({ missing }) => ({ ruleId: missing.rule }), ruleNotFound],
    'no reason': [
      ({ job }) => ({ ruleId: job.ruleId, reason: '' }),
      bad('reason', 'reason has 0 characters; expected at least 1'),
    ],
  },
  exchangeToken: {
    'what is no token': [
      () => ({ token: 'what' }),
      notAccepted('The token is not a signed JWT. Send the token as the provider issued it to the job.'),
    ],
    'a token that nobody signed': [
      ({ job }) => ({ token: `${job.token()}AA` }),
      notAccepted(
        'The token is not signed by a key of its issuer. Request a new token. If that is refused too, ask an administrator to check the issuer’s keys.',
      ),
    ],
    'a public key that is none': [
      ({ job }) => ({ token: job.token(), publicKey: '{}' }),
      [
        'PUBLIC_KEY_INVALID',
        'The public key has no kty and no crv. Send a public JWK as JSON text: kty OKP with crv X25519, or kty EC with crv P-256.',
        ['input', 'publicKey'],
      ],
    ],
  },
};
