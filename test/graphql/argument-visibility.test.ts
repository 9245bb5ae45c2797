import { readFileSync } from 'node:fs';
import { buildSchema, getNamedType, isInputObjectType, type GraphQLInputType } from 'graphql';
import { expect, test } from 'vitest';
import { newId } from '../../src/domain/id.ts';
import { changeKey } from '../support/operations.ts';
import { CANARY, strangersOf, type Own } from '../support/strangers.ts';
import { MutationWorld } from '../support/mutation-world.ts';
import { typeNameOf } from '../support/mutation-query.ts';
import { jobKeySet, trustJob } from '../support/trusted-job.ts';
import { openTown, PUSH, type Town } from '../support/town.ts';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

/** An argument that names an object of Olga or Acme, or one that does not exist: the operation, and who may use it. */
interface ArgumentCase {
  readonly query: string;
  readonly variables: (id: string, own: Own) => object;
  readonly of:
    | 'key'
    | 'account'
    | 'organization'
    | 'realm'
    | 'binding'
    | 'brake'
    | 'rollout'
    | 'webhook'
    | 'issuer'
    | 'rule'
    | 'operation';
  /**
   * The caller for whom the object exists; by default the owner of the key. Nobody: the id is only compared, never
   * looked up.
   */
  readonly rightful?: 'admin' | 'ann' | 'nobody';
}

const SHOWN = `__typename ... on UserError { code message path }`;
const KEYS = 'query ($filter: KeyFilter) { keys(filter: $filter) { edges { node { id name } } } }';
const FORECAST = 'query ($filter: KeyFilter) { forecast(horizon: "P366D", filter: $filter) { startsAt keyCount } }';
const COUNT = 'query ($filter: KeyFilter) { keyCount(filter: $filter) }';
const byKeyId = (mutation: Parameters<typeof changeKey>[0], more: object = {}): ArgumentCase => ({
  query: changeKey(mutation),
  variables: (keyId) => ({ input: { keyId, ...more } }),
  of: 'key',
});
const mutation = (name: string): string => {
  const type = typeNameOf(name);
  return `mutation ($input: ${type}Input!) { ${name}(input: $input) { ${SHOWN} } }`;
};
const ofRealm = (name: string, more: object): ArgumentCase => ({
  query: mutation(name),
  variables: (realm) => ({ input: { realm, ...more } }),
  of: 'realm',
  rightful: 'admin',
});

const ofBinding = (name: string, more: object = {}): ArgumentCase => ({
  query: mutation(name),
  variables: (bindingId) => ({ input: { bindingId, ...more } }),
  of: 'binding',
  rightful: 'admin',
});
const ofBrake = (name: string): ArgumentCase => ({
  query: mutation(name),
  variables: (brakeId) => ({ input: { brakeId } }),
  of: 'brake',
  rightful: 'admin',
});
const ofRollout = (name: string): ArgumentCase => ({
  query: mutation(name),
  variables: (rolloutId) => ({ input: { rolloutId } }),
  of: 'rollout',
  rightful: 'admin',
});
const NO_ROLLOUT = 'rollout_00000000000000000000000000';
/** A proposal whose preview is of something else. */
const proposal = {
  title: 'mine',
  explanation: 'mine',
  stages: [
    { kind: 'COMMENT', atLeast: 'P1D' },
    { kind: 'ENFORCED', atLeast: 'P1D' },
  ],
  budget: { owners: 0 },
  previewToken: 'none',
};
const HOOK = 'https://hooks.example:1/';
const ofWebhook = (name: string, more: object = {}): ArgumentCase => ({
  query: mutation(name),
  variables: (webhookId) => ({ input: { webhookId, ...more } }),
  of: 'webhook',
});
const ofIssuer = (name: string, more: object = {}): ArgumentCase => ({
  query: mutation(name),
  variables: (issuerId) => ({ input: { issuerId, ...more } }),
  of: 'issuer',
  rightful: 'admin',
});
const ofRule = (name: string, more: object = {}): ArgumentCase => ({
  query: mutation(name),
  variables: (ruleId) => ({ input: { ruleId, ...more } }),
  of: 'rule',
  rightful: 'admin',
});
const ofOperation = (name: string): ArgumentCase => ({
  query: mutation(name),
  variables: (operationId) => ({ input: { operationId } }),
  of: 'operation',
  rightful: 'ann',
});
const manyKeys = (more: object) => ({
  realm: 'default',
  filter: {},
  change: 'HOLD',
  reason: 'many',
  dryRun: true,
  ...more,
});
const CHANGE_KEYS = mutation('changeKeys').replace(
  '__typename',
  '__typename ... on ChangeKeysSuccess { matchedCount }',
);
const ofFilter = (field: string, of: ArgumentCase['of'], rightful: 'admin' | 'ann' | 'nobody'): ArgumentCase => ({
  query: CHANGE_KEYS,
  variables: (id) => ({ input: manyKeys({ filter: { [field]: id } }) }),
  of,
  rightful,
});
const TIMELINE = `query ($filter: KeyFilter) {
  timeline(from: "2025-01-01T00:00:00Z", to: "2032-01-01T00:00:00Z", step: WEEK, filter: $filter) {
    total { byHand byItself renewals retirements stopped } lanes { edges { node { owner { id name } byHandCount } } } freezes { reason }
  }
}`;
/** The cases of the filter of a query of keys: each field that names an object. */
const filterCases = (field: string, query: string): Record<string, ArgumentCase> => {
  const of = (name: string, of: ArgumentCase['of'], rightful?: ArgumentCase['rightful']): [string, ArgumentCase] => [
    `Query.${field}.filter.${name}`,
    {
      query,
      variables: (id) => ({ filter: name === 'realm' ? { realm: id, search: 'Olga' } : { [name]: id } }),
      of,
      ...(rightful !== undefined && { rightful }),
    },
  ];
  return Object.fromEntries([
    of('owner', 'organization', 'ann'),
    of('parent', 'key'),
    of('issuedBy', 'key'),
    of('ids', 'key'),
    of('tokenRule', 'rule', 'nobody'),
    of('realm', 'realm', 'admin'),
  ]);
};
const ofEvents = (name: string, of: ArgumentCase['of'], rightful?: ArgumentCase['rightful']): ArgumentCase => ({
  query: 'query ($filter: EventFilter) { events(last: 50, filter: $filter) { edges { node { id type data } } } }',
  variables: (id) => ({ filter: { [name]: id } }),
  of,
  ...(rightful !== undefined && { rightful }),
});
const nobody = 'account_01m844evt8fhatnd989cp557ja';
const anyTerms = { name: 'mine', conditions: [{ claim: 'a', equals: 'b' }], scopes: [PUSH] };
const PREVIEW = 'query ($input: PreviewPolicyInput!) { previewPolicy(input: $input) { keyCount } }';
const importedRow = { digest: 'ab'.repeat(32), start: 'kt_000000', name: 'imported', scopes: [PUSH] };
const policy = 'dormant-owner';
const selected = (query: string, by: 'owners' | 'keyIds', binding: object): ArgumentCase => ({
  query,
  variables: (id) => ({ input: { ...binding, selector: { [by]: [id] } } }),
  of: by === 'owners' ? 'account' : 'key',
  rightful: 'nobody',
});
/** A binding that does not exist, so that every caller is refused. */
const noBinding = { bindingId: 'binding_01m844evt8fhatnd989cp557ja' };

/** Every argument of the schema that names an object. A new one fails this test until it has an entry. */
const argumentCases: { readonly [place: string]: ArgumentCase | 'SUBSCRIPTION' | 'ITS_OWN' | 'BY_ID_ALONE' } = {
  'Query.node.id': {
    query: 'query ($id: ID!) { node(id: $id) { __typename id } }',
    variables: (id) => ({ id }),
    of: 'key',
  },
  'Query.key.id': { query: 'query ($id: ID!) { key(id: $id) { id name } }', variables: (id) => ({ id }), of: 'key' },
  'Query.organization.id': {
    query:
      'query ($id: ID!) { organization(id: $id) { id name members { account { name } } keys { edges { node { id } } } } }',
    variables: (id) => ({ id }),
    of: 'organization',
    rightful: 'ann',
  },
  'Query.realm.slug': {
    query: 'query ($slug: String!) { realm(slug: $slug) { id name } }',
    variables: (slug) => ({ slug }),
    of: 'realm',
    rightful: 'admin',
  },
  'Query.operation.id': {
    query: 'query ($id: ID!) { operation(id: $id) { id kind } }',
    variables: (id) => ({ id }),
    of: 'operation',
    rightful: 'ann',
  },
  'Query.operations.realm': {
    query: 'query ($realm: String) { operations(realm: $realm) { edges { node { id } } } }',
    variables: (realm) => ({ realm }),
    of: 'realm',
    rightful: 'admin',
  },
  'Mutation.changeKeys.input.realm': {
    query: CHANGE_KEYS,
    variables: (realm) => ({ input: manyKeys({ realm }) }),
    of: 'realm',
    rightful: 'admin',
  },
  'Mutation.changeKeys.input.filter.realm': ofFilter('realm', 'realm', 'admin'),
  'Mutation.changeKeys.input.filter.owner': ofFilter('owner', 'organization', 'ann'),
  'Mutation.changeKeys.input.filter.parent': ofFilter('parent', 'key', 'admin'),
  'Mutation.changeKeys.input.filter.issuedBy': ofFilter('issuedBy', 'key', 'admin'),
  'Mutation.changeKeys.input.filter.tokenRule': ofFilter('tokenRule', 'rule', 'nobody'),
  'Mutation.changeKeys.input.filter.ids': ofFilter('ids', 'key', 'admin'),
  // The new owner is looked up for each key, when the operation runs.
  'Mutation.changeKeys.input.owner': {
    query: CHANGE_KEYS,
    variables: (owner) => ({ input: manyKeys({ change: 'TRANSFER', owner }) }),
    of: 'organization',
    rightful: 'nobody',
  },
  'Mutation.pauseOperation.input.operationId': ofOperation('pauseOperation'),
  'Mutation.resumeOperation.input.operationId': ofOperation('resumeOperation'),
  'Mutation.stopOperation.input.operationId': ofOperation('stopOperation'),
  'Mutation.undoOperation.input.operationId': ofOperation('undoOperation'),
  'Mutation.approveOperation.input.operationId': ofOperation('approveOperation'),
  ...filterCases('keys', KEYS),
  ...filterCases('keyCount', COUNT),
  ...filterCases('keyCounts', 'query ($filter: KeyFilter) { keyCounts(filter: $filter) { keyCount leaked rotating } }'),
  ...filterCases('forecast', FORECAST),
  ...filterCases('timeline', TIMELINE),
  // For administrators alone, to whom every realm is visible: test/graphql/problems.test.ts.
  'Query.leaks.realm': {
    query: 'query ($realm: String) { leaks(realm: $realm) { edges { node { reportedBy } } } }',
    variables: (realm) => ({ realm }),
    of: 'realm',
    rightful: 'nobody',
  },
  'Query.issueBounds.realm': {
    query: 'query ($realm: String!) { issueBounds(realm: $realm) { latest latestReason } }',
    variables: (realm) => ({ realm }),
    of: 'realm',
    rightful: 'admin',
  },
  'Query.issueBounds.owner': {
    query: 'query ($owner: ID) { issueBounds(realm: "default", owner: $owner) { latest latestReason } }',
    variables: (owner) => ({ owner }),
    of: 'organization',
    rightful: 'ann',
  },
  'Query.events.filter.owner': ofEvents('owner', 'organization', 'ann'),
  'Query.events.filter.keyIds': ofEvents('keyIds', 'key'),
  'Query.events.filter.actor': ofEvents('actor', 'account', 'nobody'),
  'Query.events.filter.realm': ofEvents('realm', 'realm', 'admin'),
  'Query.previewPolicy.input.realm': {
    query: PREVIEW,
    variables: (realm) => ({ input: { realm, policy } }),
    of: 'realm',
    rightful: 'admin',
  },
  'Query.previewPolicy.input.bindingId': {
    query: PREVIEW,
    variables: (bindingId) => ({ input: { realm: 'default', bindingId } }),
    of: 'binding',
    rightful: 'admin',
  },
  'Query.previewPolicy.input.selector.owners': selected(PREVIEW, 'owners', { realm: 'default', policy }),
  'Query.previewPolicy.input.selector.keyIds': selected(PREVIEW, 'keyIds', { realm: 'default', policy }),
  'Mutation.issueKey.input.owner': {
    query: mutation('issueKey'),
    variables: (owner) => ({ input: { realm: 'default', name: 'mine', scopes: [PUSH], owner } }),
    of: 'organization',
    rightful: 'ann',
  },
  'Mutation.issueKey.input.ownerOf.id': {
    query: mutation('issueKey'),
    variables: (id) => ({ input: { realm: 'default', ownerOf: { id }, name: 'mine', scopes: [PUSH] } }),
    of: 'organization',
    rightful: 'ann',
  },
  'Mutation.issueKey.input.realm': {
    query: mutation('issueKey'),
    variables: (realm) => ({ input: { realm, name: 'mine', scopes: [PUSH] } }),
    of: 'realm',
    rightful: 'admin',
  },
  'Mutation.issueKeys.input.keys.owner': {
    query: mutation('issueKeys'),
    variables: (owner) => ({ input: { realm: 'default', keys: [{ name: 'mine', scopes: [PUSH], owner }] } }),
    of: 'organization',
    rightful: 'ann',
  },
  'Mutation.issueKeys.input.keys.ownerOf.id': {
    query: mutation('issueKeys'),
    variables: (id) => ({ input: { realm: 'default', keys: [{ name: 'mine', scopes: [PUSH], ownerOf: { id } }] } }),
    of: 'organization',
    rightful: 'ann',
  },
  'Mutation.issueKeys.input.realm': {
    query: mutation('issueKeys'),
    variables: (realm) => ({ input: { realm, keys: [{ name: 'mine', scopes: [PUSH] }] } }),
    of: 'realm',
    rightful: 'admin',
  },
  'Mutation.importKeys.input.keys.owner': {
    query: mutation('importKeys').replace(SHOWN, `${SHOWN} ... on ImportKeysSuccess { refused { code message } }`),
    variables: (owner) => ({ input: { realm: 'default', keys: [{ ...importedRow, owner }] } }),
    of: 'organization',
    rightful: 'admin',
  },
  'Mutation.importKeys.input.keys.ownerOf.id': {
    query: mutation('importKeys').replace(SHOWN, `${SHOWN} ... on ImportKeysSuccess { refused { code message } }`),
    variables: (id) => ({ input: { realm: 'default', keys: [{ ...importedRow, ownerOf: { id } }] } }),
    of: 'organization',
    rightful: 'admin',
  },
  'Mutation.importKeys.input.realm': {
    query: mutation('importKeys'),
    variables: (realm) => ({ input: { realm, keys: [importedRow] } }),
    of: 'realm',
    rightful: 'admin',
  },
  'Mutation.adoptKey.input.realm': ofRealm('adoptKey', { secret: 'a secret', key: { externalKeyId: 'mine' } }),
  'Mutation.renewKey.input.keyId': {
    query: mutation('renewKey'),
    variables: (keyId) => ({ input: { keyId } }),
    of: 'key',
  },
  'Mutation.rotateKey.input.keyId': {
    query: mutation('rotateKey'),
    variables: (keyId) => ({ input: { keyId } }),
    of: 'key',
  },
  'Mutation.confirmRotation.input.keyId': byKeyId('confirmRotation'),
  'Mutation.undoRotation.input.keyId': byKeyId('undoRotation'),
  'Mutation.updateKey.input.keyId': byKeyId('updateKey', { name: 'mine' }),
  'Mutation.holdKey.input.keyId': byKeyId('holdKey', { reason: 'to see what happens' }),
  'Mutation.resumeKey.input.keyId': byKeyId('resumeKey'),
  'Mutation.revokeKey.input.keyId': byKeyId('revokeKey', { reason: 'to see what happens' }),
  'Mutation.transferKey.input.keyId': {
    query: changeKey('transferKey'),
    variables: (keyId) => ({ input: { keyId, owner: 'account_01m844evt8fhatnd989cp557ja' } }),
    of: 'key',
  },
  'Mutation.transferKey.input.owner': {
    query: changeKey('transferKey'),
    variables: (owner, { keyId }) => ({ input: { keyId, owner } }),
    of: 'account',
    rightful: 'admin',
  },
  // Before it is disabled: a disabled account is none that could administer.
  'Mutation.setAdministrator.input.accountId': {
    query: mutation('setAdministrator'),
    variables: (accountId) => ({ input: { accountId, administrator: false, reason: 'to see what happens' } }),
    of: 'account',
    rightful: 'admin',
  },
  'Mutation.disableAccount.input.accountId': {
    query: mutation('disableAccount'),
    variables: (accountId) => ({ input: { accountId, reason: 'to see what happens' } }),
    of: 'account',
    rightful: 'admin',
  },
  'Mutation.endSessions.input.accountId': {
    query: mutation('endSessions'),
    variables: (accountId) => ({ input: { accountId } }),
    of: 'account',
    rightful: 'admin',
  },
  // Only those of the account are looked up, and none is answered about: test/accounts/people-changes.test.ts.
  'Mutation.endSessions.input.sessionIds': 'BY_ID_ALONE',
  // One answer for what is not there and what is another's: test/accounts/people-changes.test.ts.
  'Mutation.withdrawInvitation.input.invitationId': 'BY_ID_ALONE',
  'Mutation.inviteAccount.input.organization': {
    query: mutation('inviteAccount'),
    variables: (organization) => ({ input: { email: 'mole@example.com', organization, role: 'MEMBER' } }),
    of: 'organization',
    rightful: 'ann',
  },
  'Mutation.renameOrganization.input.organizationId': {
    query: mutation('renameOrganization'),
    variables: (organizationId) => ({ input: { organizationId, name: 'Acme' } }),
    of: 'organization',
    rightful: 'ann',
  },
  'Mutation.setMember.input.organizationId': {
    query: mutation('setMember'),
    variables: (organizationId) => ({
      input: { organizationId, accountId: 'account_01m844evt8fhatnd989cp557ja', role: 'ADMIN' },
    }),
    of: 'organization',
    rightful: 'ann',
  },
  // The managers of an organization add strangers by their account ids, so the id must be accepted.
  'Mutation.setMember.input.accountId': 'BY_ID_ALONE',
  'Query.subjects.realm': {
    query: 'query ($realm: String!) { subjects(realm: $realm) { edges { node { id } } } }',
    variables: (realm) => ({ realm }),
    of: 'realm',
    // A realm without subjects looks like none.
    rightful: 'nobody',
  },
  'Mutation.upsertSubject.input.realm': ofRealm('upsertSubject', { externalId: 'mine' }),
  'Mutation.disableSubject.input.realm': ofRealm('disableSubject', { externalId: 'mine', reason: 'to see' }),
  'Mutation.removeSubject.input.realm': ofRealm('removeSubject', { externalId: 'mine', reason: 'to see' }),
  'Mutation.createPortalSession.input.realm': ofRealm('createPortalSession', { externalId: 'mine', may: ['LIST'] }),
  'Mutation.endPortalSessions.input.realm': ofRealm('endPortalSessions', { externalId: 'mine' }),
  'Mutation.createRealm.input.slug': 'ITS_OWN',
  'Mutation.updateRealm.input.realm': ofRealm('updateRealm', { name: 'mine' }),
  'Mutation.defineAction.input.realm': ofRealm('defineAction', { name: 'a:b', description: 'mine' }),
  'Mutation.bindPolicy.input.realm': ofRealm('bindPolicy', { policy }),
  'Mutation.bindPolicy.input.selector.owners': selected(mutation('bindPolicy'), 'owners', { realm: 'default', policy }),
  'Mutation.bindPolicy.input.selector.keyIds': selected(mutation('bindPolicy'), 'keyIds', { realm: 'default', policy }),
  'Mutation.updateBinding.input.bindingId': ofBinding('updateBinding', { mode: 'PAUSED' }),
  'Mutation.updateBinding.input.selector.owners': selected(mutation('updateBinding'), 'owners', noBinding),
  'Mutation.updateBinding.input.selector.keyIds': selected(mutation('updateBinding'), 'keyIds', noBinding),
  'Mutation.unbindPolicy.input.bindingId': ofBinding('unbindPolicy'),
  'Mutation.releaseBrake.input.brakeId': ofBrake('releaseBrake'),
  'Mutation.cancelBrake.input.brakeId': ofBrake('cancelBrake'),
  'Query.rollout.id': {
    query: 'query ($id: ID!) { rollout(id: $id) { id title } }',
    variables: (id) => ({ id }),
    of: 'rollout',
    rightful: 'admin',
  },
  'Query.rollouts.realm': {
    query: 'query ($realm: String) { rollouts(realm: $realm) { edges { node { id } } } }',
    variables: (realm) => ({ realm }),
    of: 'realm',
    // A realm without rollouts looks like none.
    rightful: 'nobody',
  },
  'Mutation.proposeRollout.input.realm': ofRealm('proposeRollout', { policy, ...proposal }),
  'Mutation.proposeRollout.input.bindingId': ofBinding('proposeRollout', { realm: 'default', ...proposal }),
  'Mutation.proposeRollout.input.selector.owners': selected(mutation('proposeRollout'), 'owners', {
    realm: 'default',
    policy,
    ...proposal,
  }),
  'Mutation.proposeRollout.input.selector.keyIds': selected(mutation('proposeRollout'), 'keyIds', {
    realm: 'default',
    policy,
    ...proposal,
  }),
  'Mutation.answerRollout.input.rolloutId': {
    query: mutation('answerRollout'),
    variables: (rolloutId) => ({ input: { rolloutId, kind: 'WITHDRAW' } }),
    of: 'rollout',
    rightful: 'admin',
  },
  // Who may answer for whom, and with which keys: test/rollouts/answers.test.ts.
  'Mutation.answerRollout.input.owner': {
    query: mutation('answerRollout'),
    variables: (owner) => ({ input: { rolloutId: NO_ROLLOUT, kind: 'WITHDRAW', owner } }),
    of: 'organization',
    rightful: 'nobody',
  },
  'Mutation.answerRollout.input.keyIds': {
    query: mutation('answerRollout'),
    variables: (keyId) => ({ input: { rolloutId: NO_ROLLOUT, kind: 'ENROLL', keyIds: [keyId] } }),
    of: 'key',
    rightful: 'nobody',
  },
  // Only administrators decide and reply: test/graphql/rollout-answers.test.ts.
  'Mutation.decideException.input.exceptionId': {
    query: mutation('decideException'),
    variables: (exceptionId) => ({ input: { exceptionId, grant: true, text: 'mine' } }),
    of: 'rollout',
    rightful: 'nobody',
  },
  'Mutation.replyToAnswer.input.answerId': {
    query: mutation('replyToAnswer'),
    variables: (answerId) => ({ input: { answerId, text: 'mine' } }),
    of: 'rollout',
    rightful: 'nobody',
  },
  'Mutation.advanceRollout.input.rolloutId': ofRollout('advanceRollout'),
  'Mutation.pauseRollout.input.rolloutId': ofRollout('pauseRollout'),
  'Mutation.resumeRollout.input.rolloutId': ofRollout('resumeRollout'),
  'Mutation.undoRollout.input.rolloutId': ofRollout('undoRollout'),
  'Mutation.createWebhook.input.owner': {
    query: mutation('createWebhook'),
    variables: (owner) => ({ input: { owner, url: HOOK } }),
    of: 'organization',
    rightful: 'ann',
  },
  'Mutation.createWebhook.input.realm': ofRealm('createWebhook', { url: HOOK }),
  'Mutation.createWebhook.input.filter.keyIds': {
    query: mutation('createWebhook'),
    variables: (keyId) => ({ input: { url: HOOK, filter: { keyIds: [keyId] } } }),
    of: 'key',
    rightful: 'nobody',
  },
  'Mutation.updateWebhook.input.webhookId': ofWebhook('updateWebhook', { description: 'mine' }),
  'Mutation.updateWebhook.input.filter.keyIds': {
    query: mutation('updateWebhook'),
    variables: (keyId) => ({
      input: { webhookId: 'webhook_01m844evt8fhatnd989cp557ja', filter: { keyIds: [keyId] } },
    }),
    of: 'key',
    rightful: 'nobody',
  },
  'Mutation.rotateWebhookSecret.input.webhookId': ofWebhook('rotateWebhookSecret'),
  'Mutation.pauseWebhook.input.webhookId': ofWebhook('pauseWebhook', { reason: 'it moves' }),
  'Mutation.resumeWebhook.input.webhookId': ofWebhook('resumeWebhook'),
  'Mutation.testWebhook.input.webhookId': ofWebhook('testWebhook'),
  'Mutation.replayWebhook.input.webhookId': ofWebhook('replayWebhook'),
  'Mutation.deleteWebhook.input.webhookId': ofWebhook('deleteWebhook'),
  'Query.explainToken.input.realm': {
    query: 'query ($input: ExplainTokenInput!) { explainToken(input: $input) { problems } }',
    variables: (realm) => ({ input: { realm, claims: {} } }),
    of: 'realm',
    rightful: 'admin',
  },
  'Mutation.trustIssuer.input.realm': ofRealm('trustIssuer', { url: 'https://jobs.example', keySet: jobKeySet }),
  'Mutation.updateIssuer.input.issuerId': ofIssuer('updateIssuer', { name: 'mine' }),
  'Mutation.addTokenRule.input.issuerId': ofIssuer('addTokenRule', { ...anyTerms, owner: nobody }),
  'Mutation.addTokenRule.input.owner': {
    query: mutation('addTokenRule'),
    variables: (owner) => ({ input: { ...anyTerms, issuerId: 'issuer_01m844evt8fhatnd989cp557ja', owner } }),
    of: 'organization',
    rightful: 'nobody',
  },
  'Mutation.updateTokenRule.input.ruleId': ofRule('updateTokenRule', { name: 'mine' }),
  'Mutation.updateTokenRule.input.owner': {
    query: mutation('updateTokenRule'),
    variables: (owner) => ({ input: { ruleId: 'rule_01m844evt8fhatnd989cp557ja', owner } }),
    of: 'organization',
    rightful: 'nobody',
  },
  'Mutation.removeTokenRule.input.ruleId': ofRule('removeTokenRule'),
  'Mutation.distrustIssuer.input.issuerId': ofIssuer('distrustIssuer'),
  // The last of all: from then on no key is given what this test gives.
  'Mutation.retireAction.input.realm': ofRealm('retireAction', { name: PUSH.action }),
  'Subscription.events.filter.owner': 'SUBSCRIPTION',
  'Subscription.events.filter.keyIds': 'SUBSCRIPTION',
  'Subscription.events.filter.actor': 'SUBSCRIPTION',
  'Subscription.events.filter.realm': 'SUBSCRIPTION',
  'Subscription.expiring.filter.owner': 'SUBSCRIPTION',
  'Subscription.expiring.filter.parent': 'SUBSCRIPTION',
  'Subscription.expiring.filter.issuedBy': 'SUBSCRIPTION',
  'Subscription.expiring.filter.tokenRule': 'SUBSCRIPTION',
  'Subscription.expiring.filter.realm': 'SUBSCRIPTION',
  'Subscription.expiring.filter.ids': 'SUBSCRIPTION',
};

test('visibility: every argument that names an object has its entry in this test', () => {
  const found = ['Query', 'Mutation', 'Subscription'].flatMap((root) =>
    Object.values((schema.getType(root) as any).getFields()).flatMap((field: any) =>
      field.args.flatMap((arg: any) => placesIn(`${root}.${field.name}.${arg.name}`, arg.name, arg.type)),
    ),
  );
  expect(found.toSorted()).toEqual(Object.keys(argumentCases).toSorted());
});

test(
  'visibility: to strangers an object of another owner looks like one that does not exist',
  { timeout: 180_000 },
  async () => {
    const town = await openTown();
    const { gateway } = town;
    const strangers = await strangersOf(town);
    const world = new MutationWorld(gateway);
    await town.issue(town.mia.token, { owner: town.acme, name: `of Acme, ${CANARY}`, lifetime: 'P30D' });
    const foreign: Record<ArgumentCase['of'], string> = {
      key: '',
      account: (await town.person('Pia')).id,
      organization: town.acme,
      realm: 'default',
      binding: '',
      brake: '',
      rollout: '',
      webhook: '',
      issuer: '',
      rule: '',
      operation: await newOperation(town),
    };
    for (const [place, taking] of Object.entries(argumentCases)) {
      if (typeof taking === 'string') continue;
      const scopes = [PUSH, { action: 'keytide:issue', resource: '**' }];
      const olgas = { name: `of Olga, ${CANARY}`, lifetime: 'P30D' };
      const { id: keyId, secret } = await town.issue(town.olga.token, { ...olgas, scopes });
      await town.issue(secret, { ...olgas, lifetime: 'P20D' });
      foreign.key = keyId;
      if (taking.of === 'binding' || taking.of === 'brake') Object.assign(foreign, await newBrake(town));
      if (taking.of === 'rollout') foreign.rollout = await newRollout(town);
      if (taking.of === 'webhook') foreign.webhook = await newWebhook(town);
      if (taking.of === 'operation') foreign.operation = await newOperation(town);
      if (taking.of === 'issuer' || taking.of === 'rule') {
        const { issuerId, ruleId } = await trustJob(world);
        Object.assign(foreign, { issuer: issuerId, rule: ruleId });
      }
      const there = foreign[taking.of];
      const missing =
        taking.of === 'realm' ? 'nowhere' : newId(taking.of, gateway.clock.now(), gateway.services.random);
      const ask = async (id: string, credential: string | null, own: Own) => {
        const { status, data, errors } = await gateway.ask(taking.query, taking.variables(id, own), credential);
        return JSON.stringify({ status, data, errors }).replaceAll(id, '<id>');
      };
      for (const { name, credential, own, isOfRealm } of strangers) {
        // Every account and every key of a realm may know that the realm is there, and what is bound to it.
        if (['realm', 'binding', 'brake', 'rollout'].includes(taking.of) && isOfRealm) continue;
        const answer = await ask(there, credential, own);
        expect([place, name, answer]).toEqual([place, name, await ask(missing, credential, own)]);
        expect([place, name, answer]).not.toContain(CANARY);
      }
      if (taking.rightful === 'nobody') continue;
      const { token } = town[taking.rightful ?? 'olga'];
      const own = { keyId: (await town.issue(town.admin.token)).id };
      expect([place, await ask(missing, token, own)]).not.toEqual([place, await ask(there, token, own)]);
    }
  },
);

/** A binding of the realm `default`, and a brake that it has engaged. */
async function newBrake({ gateway, admin, realm: realmId }: Town): Promise<{ binding: string; brake: string }> {
  const query = mutation('bindPolicy').replace('__typename', '... on BindPolicySuccess { binding { id hash } }');
  const { data } = await gateway.ask(query, { input: { realm: 'default', policy, mode: 'SHADOW' } }, admin.token);
  const { id: bindingId, hash } = data['bindPolicy'].binding;
  const now = gateway.clock.now();
  const id = newId('brake', now, gateway.services.random);
  const brake = { id, realmId, bindingId, hash, revision: 1, state: 'ENGAGED', engagedAt: now } as const;
  await gateway.prisma.brake.create({ data: brake });
  return { binding: bindingId, brake: id };
}

/** A rollout of a new binding of the realm `default`. */
async function newRollout({ gateway, admin, realm: realmId }: Town): Promise<string> {
  const { binding: bindingId } = await newBrake({ gateway, admin, realm: realmId } as Town);
  const now = gateway.clock.now();
  const id = newId('rollout', now, gateway.services.random);
  const stages = [
    { kind: 'COMMENT', atLeastMs: 0, share: null, windows: [] },
    { kind: 'ENFORCED', atLeastMs: 0, share: null, windows: [] },
  ];
  const times = { stageSince: now, budgetSince: now, createdAt: now };
  const about = { id, realmId, bindingId, change: 'UPDATE', title: 'A change', explanation: 'It is one.' } as const;
  const budget = { budgetOwners: 0, brakeBudget: 0, salt: Buffer.of(1), accountId: admin.id, accountName: 'admin' };
  await gateway.prisma.rollout.create({
    data: { ...about, ...times, ...budget, stages, state: 'PROPOSED', revision: 2 },
  });
  return id;
}

/** An operation on the keys of Acme. */
async function newOperation({ gateway, ann, acme }: Town): Promise<string> {
  const input = { realm: 'default', filter: { owner: acme }, change: 'LABEL', removeLabels: ['x'], reason: CANARY };
  const query = mutation('changeKeys').replace(
    '__typename',
    '... on ChangeKeysSuccess { confirmation operation { id } }',
  );
  const dryRun = await gateway.ask(query, { input: { ...input, dryRun: true } }, ann.token);
  const { confirmation } = dryRun.data['changeKeys'];
  const { data } = await gateway.ask(query, { input: { ...input, confirmation } }, ann.token);
  return data['changeKeys'].operation.id;
}

/** A webhook of Olga's. */
async function newWebhook({ gateway, olga }: Town): Promise<string> {
  const query = mutation('createWebhook').replace('__typename', '... on CreateWebhookSuccess { webhook { id } }');
  const { data } = await gateway.ask(query, { input: { url: HOOK } }, olga.token);
  return data['createWebhook'].webhook.id;
}

/** The places in an argument in which something is named: by its id, or a realm by its slug. */
function placesIn(place: string, name: string, type: GraphQLInputType): string[] {
  const named = getNamedType(type);
  if (isInputObjectType(named)) {
    // A selector within a selector is a place like the one above it.
    const fields = Object.values(named.getFields()).filter(({ type }) => getNamedType(type) !== named);
    return fields.flatMap((field) => placesIn(`${place}.${field.name}`, field.name, field.type));
  }
  return named.name === 'ID' || name === 'realm' || name === 'slug' ? [place] : [];
}
