import { newId } from '../../src/domain/id.ts';
import { disabledAccountInput, unknownAccountId, reason, type Scene, type Stage } from './canary-stage.ts';
import { jobKeySet, trustJob } from './trusted-job.ts';

const noIssuer = 'issuer_00000000000000000000000000';
const noRule = 'rule_00000000000000000000000000';

const job = ({ world }: Stage) => trustJob(world);
const issuer = async (stage: Stage) => ({ issuerId: (await job(stage)).issuerId });
const rule = async (stage: Stage) => ({ ruleId: (await job(stage)).ruleId });
const terms = async (stage: Stage, more: object = {}) => ({ ...(await job(stage)).terms, ...more });

const unknownScope = [{ action: 'image:pull', resource: '*' }];

/** A realm that trusts as many issuers as it may. */
const crowdOfIssuers = async (stage: Stage) => {
  const { realm, issuerId } = await job(stage);
  const { prisma, clock, services } = stage.gateway;
  const { keySet, ...row } = await prisma.trustedIssuer.findUniqueOrThrow({ where: { id: issuerId } });
  const rows = Array.from({ length: 49 }, (_, index) => ({
    ...row,
    keySet: keySet as object,
    audience: `${row.audience}/${index}`,
    id: newId('issuer', clock.now(), services.random),
  }));
  await prisma.trustedIssuer.createMany({ data: rows });
  return realm;
};

/** An issuer that has as many rules as it may. */
const crowdOfRules = async (stage: Stage) => {
  const { terms, ruleId } = await job(stage);
  const { prisma, clock, services } = stage.gateway;
  const row = await prisma.tokenRule.findUniqueOrThrow({ where: { id: ruleId } });
  const rows = Array.from({ length: 99 }, () => ({ ...row, id: newId('rule', clock.now(), services.random) }));
  await prisma.tokenRule.createMany({ data: rows as never });
  return terms;
};

/** An issuer of a provider that has ids. */
const ofGithub = async (stage: Stage) => {
  const found = await job(stage);
  const data = { preset: 'GITHUB_ACTIONS' };
  await stage.gateway.prisma.trustedIssuer.update({ where: { id: found.issuerId }, data });
  return found;
};

/** The same for the mutations of issuers and their rules, and for exchanges. */
export const issuerScenes: readonly Scene[] = [
  [
    'trustIssuer',
    'TrustIssuerSuccess',
    async ({ world }) => ({ input: { realm: await world.realm(), url: 'https://jobs.example', keySet: jobKeySet } }),
  ],
  ['trustIssuer', 'RealmNotFound', () => ({ input: { realm: 'nowhere', preset: 'BUILDKITE', keySet: jobKeySet } })],
  [
    'trustIssuer',
    'IssuerExists',
    async (stage) => {
      const { realm, url } = await job(stage);
      return { input: { realm, url, keySet: jobKeySet } };
    },
  ],
  ['trustIssuer', 'IssuerUrlNotAllowed', () => ({ input: { realm: 'default', url: 'https://10.0.0.1' } })],
  [
    'trustIssuer',
    'TooManyIssuers',
    async (stage) => ({
      input: { realm: await crowdOfIssuers(stage), url: 'https://more.example', keySet: jobKeySet },
    }),
  ],
  ['updateIssuer', 'UpdateIssuerSuccess', async (stage) => ({ input: { ...(await issuer(stage)), name: 'jobs' } })],
  ['updateIssuer', 'IssuerNotFound', () => ({ input: { issuerId: noIssuer, name: 'jobs' } })],
  [
    'updateIssuer',
    'IssuerExists',
    async (stage) => {
      const { realm, url, audience } = await job(stage);
      const trusted = { realm, url, keySet: jobKeySet, audience: 'another' };
      const { id } = (await stage.world.mutate('trustIssuer', trusted, 'issuer { id }')).issuer;
      return { input: { issuerId: id, audience } };
    },
  ],
  ['distrustIssuer', 'DistrustIssuerSuccess', async (stage) => ({ input: { ...(await issuer(stage)), reason } })],
  ['distrustIssuer', 'IssuerNotFound', () => ({ input: { issuerId: noIssuer, reason } })],

  ['addTokenRule', 'AddTokenRuleSuccess', async (stage) => ({ input: await terms(stage) })],
  ['addTokenRule', 'IssuerNotFound', async (stage) => ({ input: await terms(stage, { issuerId: noIssuer }) })],
  ['addTokenRule', 'OwnerNotFound', async (stage) => ({ input: await terms(stage, { owner: unknownAccountId }) })],
  [
    'addTokenRule',
    'OwnerNotActive',
    async (stage) => ({ input: await terms(stage, { owner: await disabledAccountInput(stage) }) }),
  ],
  ['addTokenRule', 'ScopeNotAllowed', async (stage) => ({ input: await terms(stage, { scopes: unknownScope }) })],
  ['addTokenRule', 'TokenRuleNotPinned', async (stage) => ({ input: (await ofGithub(stage)).terms })],
  ['addTokenRule', 'TooManyTokenRules', async (stage) => ({ input: await crowdOfRules(stage) })],
  [
    'updateTokenRule',
    'UpdateTokenRuleSuccess',
    async (stage) => ({ input: { ...(await rule(stage)), name: 'other' } }),
  ],
  ['updateTokenRule', 'TokenRuleNotFound', () => ({ input: { ruleId: noRule, name: 'other' } })],
  [
    'updateTokenRule',
    'OwnerNotFound',
    async (stage) => ({ input: { ...(await rule(stage)), owner: unknownAccountId } }),
  ],
  [
    'updateTokenRule',
    'OwnerNotActive',
    async (stage) => ({ input: { ...(await rule(stage)), owner: await disabledAccountInput(stage) } }),
  ],
  [
    'updateTokenRule',
    'ScopeNotAllowed',
    async (stage) => ({ input: { ...(await rule(stage)), scopes: unknownScope } }),
  ],
  [
    'updateTokenRule',
    'TokenRuleNotPinned',
    async (stage) => ({ input: { ruleId: (await ofGithub(stage)).ruleId, name: 'other' } }),
  ],
  ['removeTokenRule', 'RemoveTokenRuleSuccess', async (stage) => ({ input: { ...(await rule(stage)), reason } })],
  ['removeTokenRule', 'TokenRuleNotFound', () => ({ input: { ruleId: noRule, reason } })],

  [
    'exchangeToken',
    'ExchangeTokenSuccess',
    async (stage) => ({ input: { token: (await job(stage)).token() }, credential: null }),
  ],
  ['exchangeToken', 'TokenNotAccepted', ({ canary }) => ({ input: { token: canary.text('token') }, credential: null })],
  [
    'exchangeToken',
    'PublicKeyInvalid',
    async (stage) => ({ input: { token: (await job(stage)).token(), publicKey: '{}' }, credential: null }),
  ],
];
