import { announceKey } from './announced-key.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import type { EventType } from '../../src/domain/event.ts';
import { ADMIN } from './first-node.ts';
import { makeImportRows } from './import-rows.ts';
import { mutationQuery } from './mutation-query.ts';
import type { MutationWorld } from './mutation-world.ts';
import { jobKeySet, trustJob } from './trusted-job.ts';

/** A mutation, ready to be sent. */
export interface PreparedMutation {
  readonly query: string;
  readonly variables: { readonly input?: object };
  readonly credential: string | null;
}

/** A mutation, or a way of it, with what goes before it and what it is told by. */
export interface MutationCase {
  readonly title: string;
  readonly mutation: string;
  readonly events: readonly EventType[];
  /** Whether the same request, sent twice, is two changes. */
  readonly isRepeatable?: boolean;
  prepare(world: MutationWorld): Promise<PreparedMutation>;
}

const scopes = [{ action: 'package:push', resource: 'Acme.*' }];

/** One that administrators ask for, or whom it says. */
function prepareRequest(
  title: string,
  events: readonly EventType[],
  prepare: (world: MutationWorld) => Promise<{ input: object; selection: string; credential?: string | null }>,
): MutationCase {
  const [mutation = ''] = title.split(',');
  return {
    title,
    mutation,
    events,
    async prepare(world) {
      const { input, selection, credential } = await prepare(world);
      const who = credential === undefined ? await world.gateway.admin() : credential;
      return { query: mutationQuery(mutation, selection), variables: { input }, credential: who };
    },
  };
}

const WEBHOOK = 'webhook { id url description types state reason cursor secrets { generation publicKey retiresAt } }';

const ISSUER = 'issuer { id name url preset audience keySet createdAt distrustedAt }';

const RULE = 'rule { id name conditions { claim equals matches } scopes { action } claimLabels { claim } removedAt }';

const OPERATION = 'operation { id state total done failed skipped undone newlyMatched }';

const ROLLOUT =
  'rollout { id state title stages { kind atLeast share } stage budget { owners } binding { id } endedAt }';

const ANSWERED =
  'answerId rollout { id answers(first: 2) { edges { node { answerId kind text reply } } } exceptions(first: 2) { edges { node { exceptionId state until } } } }';

const BINDING = 'binding { id revision mode config selector effectiveAt unboundAt }';

const inDays = ({ gateway }: MutationWorld, days: number) =>
  new Date(gateway.clock.now().getTime() + days * DAY_MS).toISOString();

const KEY = 'key { id state name expiresAt stopsAt secrets { generation start retiresAt } }';

/** Of each of many keys: lists inside of a list soon cost too much. */
const LISTED_KEY = 'key { id state name expiresAt stopsAt }';

const SUBJECT = 'subject { id externalId name email language labels { name value } disabledAt removedAt }';

/** A subject with a key. */
async function customer(world: MutationWorld): Promise<{ readonly realm: string; readonly externalId: string }> {
  const externalId = world.name('customer');
  const ownerOf = { subject: { externalId } };
  await world.mutate('issueKey', { realm: 'default', name: world.name('key'), scopes, ownerOf }, 'key { id }');
  return { realm: 'default', externalId };
}

/** Every mutation of the schema that changes something, in every way that writes other rows. */
export const mutationCases: readonly MutationCase[] = [
  prepareRequest('issueKey', ['KEY_ISSUED'], async (world) => ({
    input: {
      realm: 'default',
      name: world.name('key'),
      lifetime: 'P30D',
      scopes,
      labels: [{ name: 'repo', value: 'a' }],
    },
    selection: `${KEY} secret secretUnavailable`,
  })),
  prepareRequest('issueKeys', ['KEY_ISSUED', 'KEY_ISSUED'], async (world) => ({
    input: {
      realm: 'default',
      keys: [
        { name: world.name('key'), lifetime: 'P30D', scopes, labels: [{ name: 'repo', value: 'a' }] },
        { name: world.name('key'), scopes },
      ],
    },
    selection: `keys { ${LISTED_KEY} secret secretUnavailable }`,
  })),
  prepareRequest('importKeys', ['KEY_ISSUED', 'KEY_ISSUED', 'KEY_HELD'], async (world) => ({
    input: {
      realm: 'default',
      keys: makeImportRows(2, await world.organization()).map(({ row }, index) => ({
        ...row,
        name: world.name('key'),
        externalKeyId: world.name('external'),
        ...(index === 1 && { state: 'HELD', stateReason: 'an incident' }),
      })),
    },
    selection: `keys { ${LISTED_KEY.slice('key { '.length)} rows { index unchanged stopsAt bindsAt } refused { code }`,
  })),
  prepareRequest('adoptKey', ['KEY_ADOPTED'], async (world) => ({
    input: await announceKey((...request) => world.mutate(...request), await world.organization()),
    selection: KEY,
  })),
  prepareRequest('renewKey, by EXTEND', ['KEY_RENEWED'], async (world) => ({
    input: { lifetime: 'P60D' },
    selection: `${KEY} secret previousRetiresAt`,
    credential: (await world.key()).secret,
  })),
  prepareRequest('renewKey, by ROTATE', ['KEY_RENEWED', 'KEY_ROTATION_STARTED'], async (world) => ({
    input: { lifetime: 'P60D', accept: ['ROTATE'] },
    selection: `${KEY} secret secretUnavailable previousRetiresAt`,
    credential: (await world.key()).secret,
  })),
  prepareRequest('rotateKey', ['KEY_ROTATION_STARTED'], async (world) => ({
    input: { gracePeriod: 'PT1H' },
    selection: `${KEY} secret secretUnavailable previousRetiresAt`,
    credential: (await world.key()).secret,
  })),
  prepareRequest('rotateKey, without grace', ['KEY_ROTATION_STARTED', 'KEY_ROTATION_COMPLETED'], async (world) => ({
    input: { keyId: (await world.key()).id, gracePeriod: 'PT0S' },
    selection: `${KEY} secret secretUnavailable previousRetiresAt`,
  })),
  prepareRequest('confirmRotation', ['KEY_ROTATION_COMPLETED'], async (world) => ({
    input: {},
    selection: KEY,
    credential: (await world.rotatingKey()).secret,
  })),
  prepareRequest('undoRotation, unused', ['KEY_ROTATION_UNDONE'], async (world) => ({
    input: {},
    selection: KEY,
    credential: (await world.rotatingKey()).oldSecret,
  })),
  prepareRequest('undoRotation, used', ['KEY_ROTATION_UNDONE'], async (world) => {
    const { id, secret } = await world.rotatingKey();
    const query = 'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome } }';
    await world.gateway.ask(query, { input: { secret } }, await world.gateway.admin());
    await world.gateway.services.uses.flush();
    return { input: { keyId: id }, selection: KEY };
  }),
  prepareRequest('updateKey', ['KEY_UPDATED'], async (world) => ({
    input: {
      keyId: (await world.key()).id,
      name: world.name('renamed'),
      labels: [{ name: 'repo', value: 'b' }],
      scopes: [{ action: 'package:push', resource: 'Acme.Core' }],
      expiresAt: inDays(world, 40),
    },
    selection: KEY,
  })),
  prepareRequest('transferKey', ['KEY_TRANSFERRED'], async (world) => ({
    input: { keyId: (await world.key()).id, owner: await world.organization(), reason: 'moved' },
    selection: `${KEY.replace('state', 'state owner { id }')}`,
  })),
  prepareRequest('holdKey', ['KEY_HELD'], async (world) => ({
    input: { keyId: (await world.key()).id, reason: 'looked at' },
    selection: KEY,
  })),
  prepareRequest('resumeKey', ['KEY_RESUMED'], async (world) => {
    const { id } = await world.key();
    await world.mutate('holdKey', { keyId: id, reason: 'looked at' }, 'key { id }');
    return { input: { keyId: id }, selection: KEY };
  }),
  prepareRequest('revokeKey', ['KEY_REVOKED'], async (world) => ({
    input: { keyId: (await world.key()).id, reason: 'leaked' },
    selection: KEY,
  })),
  prepareRequest('revokeKey, by its secret', ['KEY_REVOKED'], async (world) => ({
    input: { secret: (await world.key()).secret, reason: 'found in a log' },
    selection: 'key { id }',
    credential: null,
  })),
  prepareRequest('inviteAccount', ['ACCOUNT_INVITED'], async (world) => ({
    input: { email: `${world.name('guest')}@example.com`, organization: await world.organization(), role: 'ADMIN' },
    selection: 'token expiresAt',
  })),
  prepareRequest('acceptInvitation', ['ACCOUNT_CREATED'], async (world) => {
    const organization = await world.organization();
    const invitation = { email: `${world.name('guest')}@example.com`, organization, role: 'MEMBER' };
    const { token } = await world.mutate('inviteAccount', invitation, 'token');
    const input = { token, name: world.name('Guest'), password: 'a good long password' };
    return { input, selection: 'account { id name }', credential: null };
  }),
  prepareRequest('confirmDevice', ['ACCOUNT_SIGNED_IN'], async (world) => ({
    input: { userCode: await world.userCode() },
    selection: 'program deviceName address askedAt expiresAt',
  })),
  prepareRequest('refuseDevice', ['DEVICE_REFUSED'], async (world) => ({
    input: { userCode: await world.userCode() },
    selection: 'program deviceName address askedAt',
  })),
  prepareRequest('createOrganization', ['ORGANIZATION_CREATED'], async (world) => ({
    input: { name: world.name('group') },
    selection: 'organization { id members { role account { id } } }',
  })),
  prepareRequest('renameOrganization', ['ORGANIZATION_RENAMED'], async (world) => ({
    input: { organizationId: await world.organization(), name: world.name('renamed') },
    selection: 'organization { id name }',
  })),
  prepareRequest('setMember, added', ['ORGANIZATION_MEMBER_CHANGED'], async (world) => ({
    input: {
      organizationId: await world.organization(),
      accountId: (await world.gateway.person(world.name('person'))).id,
      role: 'ADMIN',
    },
    selection: 'organization { id members { role account { id } } }',
  })),
  prepareRequest('setMember, removed', ['ORGANIZATION_MEMBER_CHANGED'], async (world) => {
    const organizationId = await world.organization();
    const { id: accountId } = await world.gateway.person(world.name('person'));
    await world.mutate('setMember', { organizationId, accountId, role: 'OWNER' }, 'organization { id }');
    return {
      input: { organizationId, accountId, role: null },
      selection: 'organization { id members { role account { id } } }',
    };
  }),
  prepareRequest('createRealm', ['REALM_CREATED', 'POLICY_BOUND', 'POLICY_BOUND', 'POLICY_BOUND'], async (world) => {
    const slug = world.name('realm');
    return {
      input: { slug, name: slug, ceilings: [{ role: 'MEMBER', scopes: [{ action: 'package:*', resource: '**' }] }] },
      selection: 'realm { id slug ceilings { action } }',
    };
  }),
  prepareRequest('updateRealm', ['REALM_UPDATED'], async (world) => ({
    input: {
      realm: await world.realm(),
      longestLifetime: 'P90D',
      ceilings: [{ role: 'MEMBER', scopes: [{ action: '*', resource: 'a/**' }] }],
    },
    selection: 'realm { id longestLifetime ceilings { action } }',
  })),
  prepareRequest('defineAction', ['ACTION_DEFINED'], async (world) => ({
    input: { realm: await world.realm(), name: 'image:pull', description: 'Pull images' },
    selection: 'realm { actions { name retiredAt } }',
  })),
  prepareRequest('retireAction', ['ACTION_RETIRED'], async (world) => {
    const realm = await world.realm();
    await world.mutate('defineAction', { realm, name: 'image:pull', description: 'Pull images' }, 'realm { id }');
    return { input: { realm, name: 'image:pull' }, selection: 'realm { actions { name retiredAt } }' };
  }),
  prepareRequest('bindPolicy', ['POLICY_BOUND'], async (world) => ({
    input: {
      realm: await world.realm(),
      policy: 'bounded-lifetime',
      config: { longest: 'P90D', capEveryKey: 'P90D' },
      selector: { labels: [{ name: 'policy/tier', value: 'trial' }] },
      reason: 'trials end',
    },
    selection: BINDING,
  })),
  prepareRequest('bindPolicy, announced', ['POLICY_ANNOUNCED'], async (world) => ({
    input: { realm: await world.realm(), policy: 'dormant-owner', effectiveAt: inDays(world, 30) },
    selection: BINDING,
  })),
  prepareRequest('updateBinding', ['POLICY_CHANGED'], async (world) => ({
    input: {
      bindingId: await world.binding(),
      config: { idle: 'P90D' },
      noticePeriod: 'P7D',
      withoutNoticeReason: 'an incident',
    },
    selection: BINDING,
  })),
  prepareRequest('updateBinding, announced', ['POLICY_ANNOUNCED'], async (world) => ({
    input: { bindingId: await world.binding(), mode: 'SHADOW', effectiveAt: inDays(world, 30) },
    selection: BINDING,
  })),
  prepareRequest('unbindPolicy', ['POLICY_UNBOUND'], async (world) => ({
    input: { bindingId: (await world.brake()).bindingId, reason: 'it was too much' },
    selection: BINDING,
  })),
  prepareRequest('releaseBrake', ['BRAKE_RELEASED'], async (world) => ({
    input: { brakeId: (await world.brake()).brakeId, upTo: 1, reason: 'it is meant' },
    selection: 'brake { id state waitingCount }',
  })),
  prepareRequest('cancelBrake', ['BRAKE_CANCELLED'], async (world) => ({
    input: { brakeId: (await world.brake()).brakeId, reason: 'it is not meant' },
    selection: 'brake { id state waitingCount binding { mode } }',
  })),
  prepareRequest('proposeRollout', ['ROLLOUT_PROPOSED'], async (world) => ({
    input: { ...(await world.proposal()), replacement: 'Tokens of CI jobs', sealedDigest: 'a'.repeat(64) },
    selection: ROLLOUT,
  })),
  prepareRequest('advanceRollout', ['ROLLOUT_STAGE_BEGAN'], async (world) => ({
    input: { rolloutId: (await world.rollout()).id, reason: 'it is time' },
    selection: ROLLOUT,
  })),
  prepareRequest('answerRollout', ['ROLLOUT_ANSWERED'], async (world) => ({
    ...(await world.answer({ isPublic: true })),
    selection: ANSWERED,
  })),
  prepareRequest('answerRollout, with brownouts', ['ROLLOUT_ANSWERED'], async (world) => ({
    ...(await world.answer({ kind: 'ENROLL', brownout: true, consumers: ['ci'] })),
    selection: ANSWERED,
  })),
  prepareRequest('answerRollout, for an exception', ['ROLLOUT_ANSWERED'], async (world) => ({
    ...(await world.answer({ kind: 'ASK_EXCEPTION', until: inDays(world, 30) })),
    selection: ANSWERED,
  })),
  prepareRequest('answerRollout, to take it back', ['ROLLOUT_ANSWERED'], async (world) => {
    const { input } = await world.answer({ kind: 'OBJECT' });
    await world.mutate('answerRollout', input, 'answerId');
    return { input: { rolloutId: input.rolloutId, kind: 'WITHDRAW' }, selection: ANSWERED };
  }),
  prepareRequest('decideException', ['ROLLOUT_EXCEPTION_GRANTED'], async (world) => ({
    input: { exceptionId: (await world.exception()).exceptionId, grant: true, text: 'Until then.' },
    selection: ANSWERED,
  })),
  prepareRequest('decideException, to refuse it', ['ROLLOUT_EXCEPTION_REFUSED'], async (world) => ({
    input: { exceptionId: (await world.exception()).exceptionId, grant: false, text: 'It was announced.' },
    selection: ANSWERED,
  })),
  prepareRequest('replyToAnswer', ['ROLLOUT_REPLIED'], async (world) => ({
    input: { answerId: (await world.exception()).answerId, text: 'We see.' },
    selection: ANSWERED,
  })),
  prepareRequest('pauseRollout', ['ROLLOUT_PAUSED'], async (world) => ({
    input: { rolloutId: (await world.rollout()).id },
    selection: ROLLOUT,
  })),
  prepareRequest('resumeRollout', ['ROLLOUT_RESUMED'], async (world) => {
    const { id: rolloutId } = await world.rollout();
    await world.mutate('pauseRollout', { rolloutId }, ROLLOUT);
    return { input: { rolloutId }, selection: ROLLOUT };
  }),
  prepareRequest('undoRollout', ['ROLLOUT_UNDONE'], async (world) => ({
    input: { rolloutId: (await world.rollout()).id, reason: 'it broke releases' },
    selection: ROLLOUT,
  })),
  prepareRequest('issueKey, for a new subject', ['SUBJECT_CREATED', 'KEY_ISSUED'], async (world) => ({
    input: {
      realm: 'default',
      name: world.name('key'),
      scopes,
      ownerOf: { subject: { externalId: world.name('customer'), name: 'A customer', language: 'de' } },
    },
    selection: `${KEY.replace('state', 'state owner { id name }')} secret secretUnavailable`,
  })),
  prepareRequest('upsertSubject', ['SUBJECT_CREATED'], async (world) => ({
    input: { realm: await world.realm(), externalId: world.name('customer'), email: 'c@example.com' },
    selection: SUBJECT,
  })),
  prepareRequest('upsertSubject, changed', ['SUBJECT_UPDATED'], async (world) => ({
    input: { ...(await customer(world)), name: 'B', labels: [{ name: 'policy/plan', value: 'pro' }] },
    selection: SUBJECT,
  })),
  prepareRequest('disableSubject', ['KEY_HELD', 'SUBJECT_DISABLED'], async (world) => ({
    input: { ...(await customer(world)), reason: 'unpaid' },
    selection: SUBJECT,
  })),
  prepareRequest('disableSubject, enabled again', ['KEY_RESUMED', 'SUBJECT_ENABLED'], async (world) => {
    const subject = await customer(world);
    await world.mutate('disableSubject', { ...subject, reason: 'unpaid' }, 'subject { id }');
    return { input: { ...subject, disabled: false, reason: 'paid' }, selection: SUBJECT };
  }),
  prepareRequest('removeSubject', ['KEY_REVOKED', 'SUBJECT_REMOVED'], async (world) => ({
    input: { ...(await customer(world)), reason: 'asked for it' },
    selection: SUBJECT,
  })),
  prepareRequest('createPortalSession', ['PORTAL_SESSION_CREATED'], async (world) => ({
    input: { ...(await customer(world)), may: ['LIST', 'EVENTS'], lifetime: 'PT15M' },
    selection: 'sessionId token url expiresAt',
  })),
  prepareRequest('endPortalSessions', ['PORTAL_SESSIONS_ENDED'], async (world) => {
    const subject = await customer(world);
    await world.mutate('createPortalSession', { ...subject, may: ['LIST'] }, 'sessionId');
    return { input: { ...subject, reason: 'a laptop was lost' }, selection: `endedCount ${SUBJECT}` };
  }),
  prepareRequest('createWebhook', ['WEBHOOK_CREATED'], async (world) => ({
    input: {
      owner: await world.organization(),
      url: 'https://hooks.example:1/',
      filter: { types: ['KEY_EXPIRING'], labels: [{ name: 'env', value: 'live' }] },
    },
    selection: `${WEBHOOK} secret secretUnavailable`,
  })),
  prepareRequest('createWebhook, of a realm', ['WEBHOOK_CREATED'], async (world) => ({
    input: { realm: await world.realm(), url: 'https://hooks.example:1/' },
    selection: `${WEBHOOK} secret secretUnavailable`,
  })),
  prepareRequest('updateWebhook', ['WEBHOOK_UPDATED'], async (world) => ({
    input: { webhookId: await world.webhook(), description: 'the pager', filter: { types: ['KEY_EXPIRING'] } },
    selection: WEBHOOK,
  })),
  prepareRequest('deleteWebhook', ['WEBHOOK_ENDED'], async (world) => ({
    input: { webhookId: await world.webhook(), reason: 'moved' },
    selection: WEBHOOK,
  })),
  prepareRequest('rotateWebhookSecret', ['WEBHOOK_SECRET_ROTATED'], async (world) => ({
    input: { webhookId: await world.webhook() },
    selection: `${WEBHOOK} secret secretUnavailable previousRetiresAt`,
  })),
  prepareRequest('changeKeys, a dry run', [], async (world) => ({
    input: {
      realm: 'default',
      filter: { owner: await world.organization() },
      change: 'HOLD',
      reason: 'an incident',
      dryRun: true,
    },
    selection: 'matchedCount',
  })),
  prepareRequest('changeKeys, confirmed', ['OPERATION_STARTED'], async (world) => {
    const owner = await world.organization();
    await world.mutate(
      'issueKey',
      { realm: 'default', owner, name: world.name('key'), lifetime: 'P45D', scopes },
      'key { id }',
    );
    const input = { realm: 'default', filter: { owner }, change: 'HOLD', reason: 'an incident' };
    const { confirmation } = await world.mutate('changeKeys', { ...input, dryRun: true }, 'confirmation');
    return { input: { ...input, confirmation }, selection: OPERATION };
  }),
  prepareRequest('pauseOperation', ['OPERATION_PAUSED'], async (world) => ({
    input: { operationId: await world.operation() },
    selection: OPERATION,
  })),
  prepareRequest('resumeOperation', ['OPERATION_STARTED'], async (world) => {
    const operationId = await world.operation();
    await world.mutate('pauseOperation', { operationId }, OPERATION);
    return { input: { operationId }, selection: OPERATION };
  }),
  prepareRequest('stopOperation', ['OPERATION_STOPPED'], async (world) => ({
    input: { operationId: await world.operation() },
    selection: OPERATION,
  })),
  prepareRequest('undoOperation', ['OPERATION_STARTED'], async (world) => ({
    input: { operationId: await world.operation() },
    selection: OPERATION,
  })),
  prepareRequest('approveOperation', ['OPERATION_STARTED'], async (world) => ({
    input: { operationId: await world.proposedOperation() },
    selection: OPERATION,
  })),
  prepareRequest('pauseWebhook', ['WEBHOOK_PAUSED'], async (world) => ({
    input: { webhookId: await world.webhook(), reason: 'it moves' },
    selection: WEBHOOK,
  })),
  prepareRequest('resumeWebhook', ['WEBHOOK_RESUMED'], async (world) => {
    const id = await world.webhook();
    await world.gateway.prisma.webhook.update({ where: { id }, data: { state: 'PAUSED', reason: 'it failed' } });
    return { input: { webhookId: id }, selection: WEBHOOK };
  }),
  prepareRequest('testWebhook', ['WEBHOOK_TESTED'], async (world) => ({
    input: { webhookId: await world.webhook() },
    selection: WEBHOOK,
  })),
  prepareRequest('replayWebhook', ['WEBHOOK_REPLAYED'], async (world) => ({
    input: { webhookId: await world.webhook(), after: Buffer.from('1:0').toString('base64url') },
    selection: WEBHOOK,
  })),
  prepareRequest('trustIssuer', ['ISSUER_TRUSTED'], async (world) => ({
    input: { realm: await world.realm(), url: 'https://jobs.example', keySet: jobKeySet },
    selection: ISSUER,
  })),
  prepareRequest('updateIssuer', ['ISSUER_UPDATED'], async (world) => ({
    input: { issuerId: (await trustJob(world)).issuerId, name: 'jobs', audience: world.name('audience') },
    selection: ISSUER,
  })),
  prepareRequest('distrustIssuer', ['ISSUER_DISTRUSTED'], async (world) => ({
    input: { issuerId: (await trustJob(world)).issuerId, reason: 'moved' },
    selection: ISSUER,
  })),
  prepareRequest('addTokenRule', ['TOKEN_RULE_ADDED'], async (world) => ({
    input: { ...(await trustJob(world)).terms, name: 'other' },
    selection: RULE,
  })),
  prepareRequest('updateTokenRule', ['TOKEN_RULE_UPDATED'], async (world) => ({
    input: { ruleId: (await trustJob(world)).ruleId, conditions: [{ claim: 'team', matches: 'a*' }] },
    selection: RULE,
  })),
  prepareRequest('removeTokenRule', ['TOKEN_RULE_REMOVED'], async (world) => ({
    input: { ruleId: (await trustJob(world)).ruleId, reason: 'done' },
    selection: RULE,
  })),
  prepareRequest('exchangeToken', ['KEY_ISSUED'], async (world) => ({
    input: { token: (await trustJob(world)).token() },
    selection: `${KEY} secret secretUnavailable`,
    credential: null,
  })),
  prepareRequest('changePassword', ['ACCOUNT_PASSWORD_CHANGED'], async (world) => {
    const name = world.name('person');
    const { id, token } = await world.gateway.person(name);
    await world.gateway.session(id);
    const input = { currentPassword: `the password of ${name}`, newPassword: `another password of ${name}` };
    return { input, selection: 'account { id }', credential: token };
  }),
  prepareRequest('updateAccount', ['ACCOUNT_UPDATED'], async (world) => ({
    input: { name: world.name('renamed'), noticesByMail: false },
    selection: 'account { id name noticesByMail }',
    credential: (await world.gateway.person(world.name('person'))).token,
  })),
  prepareRequest('disableAccount', ['ACCOUNT_DISABLED'], async (world) => ({
    input: { accountId: (await world.gateway.person(world.name('person'))).id, reason: 'left' },
    selection: 'account { id disabledAt }',
  })),
  prepareRequest('disableAccount, enabled again', ['ACCOUNT_ENABLED'], async (world) => {
    const { id: accountId } = await world.gateway.person(world.name('person'));
    await world.mutate('disableAccount', { accountId, reason: 'left' }, 'account { id }');
    return { input: { accountId, disabled: false, reason: 'is back' }, selection: 'account { id disabledAt }' };
  }),
  prepareRequest('setAdministrator', ['ACCOUNT_ADMINISTRATOR_CHANGED'], async (world) => ({
    input: {
      accountId: (await world.gateway.person(world.name('person'))).id,
      administrator: true,
      reason: 'helps',
    },
    selection: 'account { id isAdministrator }',
  })),
  prepareRequest('endSessions', ['ACCOUNT_SIGNED_OUT'], async (world) => ({
    input: { accountId: (await world.gateway.person(world.name('person'))).id },
    selection: 'endedCount account { id }',
  })),
  prepareRequest('withdrawInvitation', ['ACCOUNT_INVITATION_WITHDRAWN'], async (world) => {
    const email = `${world.name('guest')}@example.com`;
    await world.mutate('inviteAccount', { email }, 'expiresAt');
    const { id } = await world.gateway.prisma.invitation.findFirstOrThrow({ where: { email } });
    return { input: { invitationId: id }, selection: 'invitationId' };
  }),
  {
    ...prepareRequest('signIn', ['ACCOUNT_SIGNED_IN'], async () => ({
      input: ADMIN,
      selection: 'expiresAt',
      credential: null,
    })),
    isRepeatable: true,
  },
  {
    title: 'signOut',
    mutation: 'signOut',
    events: ['ACCOUNT_SIGNED_OUT'],
    isRepeatable: true,
    prepare: async ({ gateway }) => ({
      query: 'mutation { signOut }',
      variables: {},
      credential: await gateway.admin(),
    }),
  },
];
