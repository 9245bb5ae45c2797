import { readFileSync } from 'node:fs';
import { buildSchema, isUnionType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failures, type FailureName } from '../../src/domain/failure.ts';
import type { Answer } from '../support/gateway.ts';
import { typeNameOf } from '../support/mutation-query.ts';
import { ISSUE_KEY } from '../support/operations.ts';
import { PUSH } from '../support/town.ts';
import {
  mutation,
  openStage,
  PREVIEWED,
  type CallerName,
  type Cases,
  type Refusal,
  type Stage,
} from './bad-input/case.ts';
import { changeCases } from './bad-input/changing.ts';
import { issueCases } from './bad-input/issuing.ts';
import { operationCases } from './bad-input/operations.ts';
import { peopleCases } from './bad-input/people.ts';
import { policyCases, previewCases } from './bad-input/policies.ts';
import { readCases as otherReads } from './bad-input/reads.ts';
import { realmCases } from './bad-input/realms.ts';
import { issuerCases } from './bad-input/issuers.ts';
import { subjectCases } from './bad-input/subjects.ts';
import { webhookCases } from './bad-input/webhooks.ts';
import { renewCases } from './bad-input/renewing.ts';

const ofKeys = { ...issueCases, ...renewCases, ...changeCases };
const cases = {
  ...ofKeys,
  ...peopleCases,
  ...realmCases,
  ...policyCases,
  ...subjectCases,
  ...webhookCases,
  ...issuerCases,
  ...operationCases,
};
const readCases = { ...otherReads, ...previewCases };
const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const mutations = Object.keys(schema.getMutationType()!.getFields());

/** One for all tests: a refusal changes nothing. The tests that change something are the last ones. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.gateway.stop());

test('bad input: mutations of keys answer with what was found and what is expected', () => refuse(ofKeys, 'olga'));

test('bad input: mutations of accounts and organizations answer with what was found and what is expected', () =>
  refuse(peopleCases, 'admin'));

test('bad input: mutations of realms answer with what was found and what is expected', () =>
  refuse(realmCases, 'admin'));

test('bad input: mutations of subjects answer with what was found and what is expected', () =>
  refuse(subjectCases, 'admin'));

test('bad input: mutations of policies answer with what was found and what is expected', () =>
  refuse(policyCases, 'admin'));

test('bad input: mutations of webhooks answer with what was found and what is expected', () =>
  refuse(webhookCases, 'admin'));

test('bad input: mutations of issuers, rules and tokens answer with what was found and what is expected', () =>
  refuse(issuerCases, 'admin'));

test('bad input: mutations of operations answer with what was found and what is expected', () =>
  refuse(operationCases, 'admin'));

test('bad input: queries answer with what was found and what is expected', async () => {
  for (const [name, [query, variables, answer, asker = 'olga']] of Object.entries(readCases)) {
    const given = typeof variables === 'function' ? variables(stage) : variables;
    const found = refusalOf(await stage.gateway.ask(query, given, credentialOf(stage, asker)));
    expect([name, found]).toEqual([name, expected(answer)]);
  }
});

async function refuse(group: Cases, by: CallerName): Promise<void> {
  const written = () => stage.gateway.prisma.event.count();
  for (const [operation, inputs] of Object.entries(group)) {
    for (const [name, [input, answer, asker = by]] of Object.entries(inputs)) {
      const before = await written();
      const credential = credentialOf(stage, asker);
      const found = refusalOf(await stage.gateway.ask(mutation(operation), { input: input(stage) }, credential));
      // Nothing was changed, so there is nothing to tell of.
      expect([operation, name, found, await written()]).toEqual([operation, name, expected(answer), before]);
    }
  }
}

test('bad input: every operation has a case', () => {
  const reads = Object.values(readCases).map(([query]) => query);
  expect(Object.values(cases).flatMap((inputs) => Object.keys(inputs)).length + reads.length).toBeGreaterThan(60);
  expect(mutations.filter((name) => !(name in cases))).toEqual(['signOut']);
  const fields = Object.keys(schema.getQueryType()!.getFields());
  expect(fields.filter((name) => !reads.some((query) => new RegExp(`\\b${name}\\b`).test(query)))).toEqual([]);
});

test('bad input: the cases cover exactly the failures of each mutation’s result type', () => {
  const promised = mutations.flatMap((name) => {
    const answer = schema.getType(`${typeNameOf(name)}Result`);
    if (!isUnionType(answer)) return [];
    const named = answer.getTypes().filter((type) => type.name in failures);
    const codes = named.map((type) => failures[type.name as FailureName].code);
    return codes.filter((code) => code !== 'IDEMPOTENCY_CONFLICT').map((code) => `${name} ${code}`);
  });
  const codes = new Set<string>(Object.values(failures).map(({ code }) => code));
  const answered = Object.entries(cases).flatMap(([name, inputs]) =>
    Object.values(inputs).flatMap(([, [code]]) => (codes.has(code) ? [`${name} ${code}`] : [])),
  );
  expect([...new Set(answered)].toSorted()).toEqual(promised.toSorted());
});

test('bad input: a refused binding lists every issue with its place, and the required notice', async () => {
  const { gateway, admin } = stage;
  const ask = async (more: object) => {
    const query = /* GraphQL */ `
      mutation ($input: BindPolicyInput!) {
        bindPolicy(input: $input) {
          ... on InvalidPolicyConfig {
            issues {
              path
              message
            }
          }
          ... on NoticeTooShort {
            required
          }
        }
      }
    `;
    return (await gateway.ask(query, { input: { ...PREVIEWED, ...more } }, admin.token)).data['bindPolicy'];
  };
  expect(await ask({ policy: 'dormant-owner', config: { idle: 'P1M', holdAfter: 'P9D', expireAfter: 7 } })).toEqual({
    issues: [
      { path: ['idle'], message: 'P1M: months and years differ in length; write days, for example P30D' },
      { path: ['expireAfter'], message: 'Invalid input: expected string, received number' },
    ],
  });
  expect(await ask({ noticePeriod: 'P29D' })).toEqual({ required: 'P30D' });
});

test('bad input: every mutation refuses an idempotency key under which another input succeeded', async () => {
  const { gateway, missing } = stage;
  const token = stage.job.token();
  const inputs: Record<string, [object, object]> = {
    changePassword: [
      { currentPassword: 'a', newPassword: 'b' },
      { currentPassword: 'a', newPassword: 'c' },
    ],
    updateAccount: [{ name: 'a' }, { name: 'b' }],
    inviteAccount: [{ email: 'a@example.com' }, { email: 'b@example.com' }],
    acceptInvitation: [
      { token: 'kti_x', name: 'Nia', password: 'x' },
      { token: 'kti_x', name: 'Nia', password: 'y' },
    ],
    confirmDevice: [{ userCode: 'BBBB-BBBB' }, { userCode: 'BBBB-BBBC' }],
    refuseDevice: [{ userCode: 'BBBB-BBBB' }, { userCode: 'BBBB-BBBC' }],
    disableAccount: [
      { accountId: missing.account, reason: 'a' },
      { accountId: missing.account, reason: 'b' },
    ],
    endSessions: [{ sessionIds: [] }, { sessionIds: ['session_x'] }],
    setAdministrator: [
      { accountId: missing.account, administrator: true, reason: 'a' },
      { accountId: missing.account, administrator: true, reason: 'b' },
    ],
    withdrawInvitation: [{ invitationId: 'invitation_x' }, { invitationId: 'invitation_y' }],
    createOrganization: [{ name: 'a' }, { name: 'b' }],
    renameOrganization: [
      { organizationId: missing.organization, name: 'a' },
      { organizationId: missing.organization, name: 'b' },
    ],
    setMember: [
      { organizationId: missing.organization, accountId: missing.account },
      { organizationId: missing.organization, accountId: missing.account, role: 'MEMBER' },
    ],
    createRealm: [
      { slug: 'default', name: 'a' },
      { slug: 'default', name: 'b' },
    ],
    updateRealm: [
      { realm: 'nowhere', name: 'a' },
      { realm: 'nowhere', name: 'b' },
    ],
    defineAction: [
      { realm: 'nowhere', name: 'a', description: 'a' },
      { realm: 'nowhere', name: 'a', description: 'b' },
    ],
    retireAction: [
      { realm: 'nowhere', name: 'a' },
      { realm: 'nowhere', name: 'b' },
    ],
    issueKey: [
      { realm: 'nowhere', name: 'a', scopes: [PUSH] },
      { realm: 'nowhere', name: 'a', scopes: [PUSH], lifetime: 'P1D' },
    ],
    upsertSubject: [
      { realm: 'nowhere', externalId: 'a' },
      { realm: 'nowhere', externalId: 'b' },
    ],
    disableSubject: [
      { realm: 'nowhere', externalId: 'a', reason: 'a' },
      { realm: 'nowhere', externalId: 'a', reason: 'b' },
    ],
    removeSubject: [
      { realm: 'nowhere', externalId: 'a', reason: 'a' },
      { realm: 'nowhere', externalId: 'a', reason: 'b' },
    ],
    createPortalSession: [
      { realm: 'nowhere', externalId: 'a', may: ['LIST'] },
      { realm: 'nowhere', externalId: 'a', may: ['ISSUE'] },
    ],
    endPortalSessions: [
      { realm: 'nowhere', externalId: 'a', reason: 'a' },
      { realm: 'nowhere', externalId: 'a', reason: 'b' },
    ],
    issueKeys: [
      { realm: 'nowhere', keys: [{ name: 'a', scopes: [PUSH] }] },
      { realm: 'nowhere', keys: [{ name: 'b', scopes: [PUSH] }] },
    ],
    importKeys: [
      { realm: 'nowhere', keys: [{ digest: 'a', name: 'a', scopes: [PUSH] }] },
      { realm: 'nowhere', keys: [{ digest: 'b', name: 'b', scopes: [PUSH] }] },
    ],
    adoptKey: [
      { realm: 'nowhere', secret: 'a', key: { externalKeyId: 'a' } },
      { realm: 'nowhere', secret: 'b', key: { externalKeyId: 'b' } },
    ],
    renewKey: [{ keyId: missing.key }, { keyId: missing.key, accept: ['ROTATE'] }],
    rotateKey: [{ keyId: missing.key }, { keyId: missing.key, gracePeriod: 'PT1H' }],
    confirmRotation: [{ keyId: missing.key }, { keyId: stage.active.id }],
    undoRotation: [{ keyId: missing.key }, { keyId: stage.active.id }],
    updateKey: [
      { keyId: missing.key, name: 'a' },
      { keyId: missing.key, name: 'b' },
    ],
    transferKey: [
      { keyId: missing.key, owner: stage.admin.id },
      { keyId: missing.key, owner: stage.eve.id },
    ],
    holdKey: [
      { keyId: missing.key, reason: 'a' },
      { keyId: missing.key, reason: 'b' },
    ],
    resumeKey: [{ keyId: missing.key }, { keyId: missing.key, reason: 'b' }],
    revokeKey: [
      { keyId: missing.key, reason: 'a' },
      { keyId: missing.key, reason: 'b' },
    ],
    bindPolicy: [
      { ...PREVIEWED, config: { idle: 'P60D' }, mode: 'SHADOW' },
      { ...PREVIEWED, config: { idle: 'P61D' }, mode: 'SHADOW' },
    ],
    updateBinding: [
      { bindingId: stage.binding, selector: null },
      { bindingId: stage.binding, selector: { keyIds: [missing.key] } },
    ],
    unbindPolicy: [{ bindingId: missing.binding }, { bindingId: stage.binding }],
    releaseBrake: [
      { brakeId: missing.brake, upTo: 1 },
      { brakeId: missing.brake, upTo: 2 },
    ],
    createWebhook: [{ url: 'https://hooks.example:1/' }, { url: 'https://hooks.example:1/other' }],
    updateWebhook: [
      { webhookId: missing.webhook, description: 'a' },
      { webhookId: missing.webhook, description: 'b' },
    ],
    deleteWebhook: [{ webhookId: missing.webhook }, { webhookId: stage.webhook }],
    rotateWebhookSecret: [{ webhookId: missing.webhook }, { webhookId: stage.webhook }],
    pauseWebhook: [
      { webhookId: missing.webhook, reason: 'it moves' },
      { webhookId: stage.webhook, reason: 'it moves' },
    ],
    resumeWebhook: [{ webhookId: missing.webhook }, { webhookId: stage.webhook }],
    testWebhook: [{ webhookId: missing.webhook }, { webhookId: stage.webhook }],
    replayWebhook: [{ webhookId: missing.webhook }, { webhookId: stage.webhook }],
    trustIssuer: [
      { realm: 'nowhere', url: 'https://jobs.example' },
      { realm: 'nowhere', url: 'https://others.example' },
    ],
    updateIssuer: [
      { issuerId: missing.issuer, name: 'a' },
      { issuerId: missing.issuer, name: 'b' },
    ],
    distrustIssuer: [{ issuerId: missing.issuer }, { issuerId: stage.job.issuerId }],
    addTokenRule: [stage.job.terms, { ...stage.job.terms, name: 'other' }],
    updateTokenRule: [
      { ruleId: missing.rule, name: 'a' },
      { ruleId: missing.rule, name: 'b' },
    ],
    removeTokenRule: [{ ruleId: missing.rule }, { ruleId: stage.job.ruleId }],
    exchangeToken: [{ token }, { token, publicKey: 'another' }],
    cancelBrake: [{ brakeId: missing.brake }, { brakeId: stage.brake.brakeId }],
    proposeRollout: [proposalOf('a'), proposalOf('b')],
    advanceRollout: [{ rolloutId: missing.rollout }, { rolloutId: missing.rollout, reason: 'b' }],
    answerRollout: [
      { rolloutId: missing.rollout, kind: 'WITHDRAW' },
      { rolloutId: missing.rollout, kind: 'COMMENT', text: 'b' },
    ],
    decideException: [
      { exceptionId: missing.rollout, grant: true, text: 'a' },
      { exceptionId: missing.rollout, grant: true, text: 'b' },
    ],
    replyToAnswer: [
      { answerId: missing.rollout, text: 'a' },
      { answerId: missing.rollout, text: 'b' },
    ],
    pauseRollout: [{ rolloutId: missing.rollout }, { rolloutId: missing.rollout, reason: 'b' }],
    resumeRollout: [{ rolloutId: missing.rollout }, { rolloutId: missing.rollout, reason: 'b' }],
    undoRollout: [{ rolloutId: missing.rollout }, { rolloutId: missing.rollout, reason: 'b' }],
    changeKeys: [
      { realm: 'nowhere', filter: {}, change: 'HOLD', reason: 'a', dryRun: true },
      { realm: 'nowhere', filter: {}, change: 'HOLD', reason: 'b', dryRun: true },
    ],
    pauseOperation: [
      { operationId: missing.operation, reason: 'a' },
      { operationId: missing.operation, reason: 'b' },
    ],
    resumeOperation: [
      { operationId: missing.operation, reason: 'a' },
      { operationId: missing.operation, reason: 'b' },
    ],
    stopOperation: [
      { operationId: missing.operation, reason: 'a' },
      { operationId: missing.operation, reason: 'b' },
    ],
    undoOperation: [
      { operationId: missing.operation, reason: 'a' },
      { operationId: missing.operation, reason: 'b' },
    ],
    approveOperation: [
      { operationId: missing.operation, reason: 'a' },
      { operationId: missing.operation, reason: 'b' },
    ],
  };
  const repeatable = mutations.filter((name) => !['signIn', 'signOut', 'verifyKey'].includes(name));
  expect(Object.keys(inputs).toSorted()).toEqual(repeatable.toSorted());
  const retained: string[] = [];
  for (const [name, [first, second]] of Object.entries(inputs)) {
    const ask = (input: object) =>
      gateway.ask(mutation(name), { input: { ...input, idempotencyKey: 'once' } }, stage.admin.token);
    const [answered, again, other] = [await ask(first), await ask(first), await ask(second)];
    expect([name, again.data, again.errors]).toEqual([name, answered.data, undefined]);
    // Only a success is retained: after a refusal another input is evaluated.
    if (!String(answered.data?.[name]?.__typename).endsWith('Success')) {
      expect([name, refusalOf(other)?.[0]]).not.toEqual([name, 'IDEMPOTENCY_CONFLICT']);
      continue;
    }
    retained.push(name);
    expect([name, refusalOf(other)]).toEqual([
      name,
      [
        'IDEMPOTENCY_CONFLICT',
        'A request with a different input succeeded under this idempotency key. Use a new idempotency key for each new request.',
        ['input', 'idempotencyKey'],
      ],
    ]);
  }
  expect(retained.length).toBeGreaterThan(5);
});

test('bad input: a shorter notice with a reason, and a valid preview token, are accepted', async () => {
  const { gateway, admin, preview } = stage;
  for (const more of [{ noticePeriod: 'P7D', withoutNoticeReason: 'an incident' }, { previewToken: preview }]) {
    const answer = await gateway.ask(mutation('bindPolicy'), { input: { ...PREVIEWED, ...more } }, admin.token);
    expect(answer.data).toEqual({ bindPolicy: { __typename: 'BindPolicySuccess' } });
  }
});

test('bad input: an idempotency key belongs to its caller, also if the caller only presents a secret', async () => {
  const { gateway, active, held } = stage;
  const revoke = (secret: string) =>
    gateway.ask(mutation('revokeKey'), { input: { secret, reason: 'it leaked', idempotencyKey: 'once' } });
  const answers = [await revoke(active.secret), await revoke(held.secret), await revoke(active.secret)];
  expect(answers.map(({ data }) => data['revokeKey'].__typename)).toEqual(
    Array.from({ length: 3 }, () => 'RevokeKeySuccess'),
  );
  expect(
    await gateway.prisma.key.count({ where: { id: { in: [active.id, held.id] }, revokedAt: { not: null } } }),
  ).toBe(2);
});

test('bad input: names that look like code or formulas are stored as plain text', async () => {
  const { gateway, olga } = stage;
  for (const name of [
    '<script>alert(1)</script>',
    '=HYPERLINK("http://evil")',
    'Robert\'); DROP TABLE "Key";--',
    '${7*7}',
    '😀 ﷽ ‮x',
    '__proto__',
  ]) {
    const labels = [{ name: 'note', value: name }];
    const { data } = await gateway.ask(
      ISSUE_KEY,
      { input: { realm: 'default', name, labels, scopes: [PUSH] } },
      olga.token,
    );
    const query = 'query ($id: ID!) { key(id: $id) { name labels { value } } }';
    const { data: seen } = await gateway.ask(query, { id: data['issueKey'].key.id }, olga.token);
    expect(seen['key']).toEqual({ name, labels: [{ value: name }] });
  }
});

function credentialOf(stage: Stage, asker: CallerName): string | null {
  if (asker === 'nobody') return null;
  if (asker === 'aKey') return stage.active.secret;
  if (asker === 'aBackend') return stage.backend.secret;
  return asker === 'theOldSecret' ? stage.rotating.secret : stage[asker].token;
}

/** A proposal in a realm that is not there. */
function proposalOf(title: string): object {
  const stages = [
    { kind: 'COMMENT', atLeast: 'P1D' },
    { kind: 'ENFORCED', atLeast: 'P1D' },
  ];
  const texts = { title, explanation: 'It is safer.', policy: 'dormant-owner', previewToken: 'none' };
  return { realm: 'nowhere', ...texts, stages, budget: { owners: 0 } };
}

function expected([code, message, path]: Refusal): unknown[] {
  return [code, typeof message === 'string' ? message : expect.stringMatching(message), path];
}

function refusalOf({ data, errors }: Answer): unknown[] {
  if (errors !== undefined)
    return [errors[0]?.extensions['code'], errors[0]?.message, errors[0]?.extensions['path'] ?? null];
  const answer = Object.values(data)[0];
  return [answer?.code ?? answer, answer?.message, answer?.path ?? null];
}
