import { announceKey } from '../support/announced-key.ts';
import { randomUUID } from 'node:crypto';
import { beginDeviceAuthorization } from '../../src/accounts/devices/begin.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { dayOf } from '../../src/domain/usage-day.ts';
import { newId } from '../../src/domain/id.ts';
import { systemRandom } from '../../src/store/random.ts';
import { engageBrake, type EngagedBrake } from '../support/engage-brake.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { typeNameOf } from '../support/mutation-query.ts';
import { MutationWorld } from '../support/mutation-world.ts';
import { jobKeySet, trustJob, type TrustedJob } from '../support/trusted-job.ts';
import { ADMIN } from '../support/first-node.ts';
import { type Gateway } from '../support/gateway.ts';

/** One use of one field of Query, Mutation or Subscription that succeeds, as often as it is prepared. */
export interface OperationCase {
  readonly field: string;
  readonly query: string;
  /** Makes what it needs; lets some time pass, so that no rate limit is met however often it is done. */
  prepare(gateway: Gateway): Promise<{ readonly variables: object; readonly credential: string | null }>;
}

/** Everything of a key, so that all that it is made of is read. */
const KEY = `fragment Key on Key {
  id name state standing createdAt chosenExpiresAt expiresAt stopsAt stopsBasis lastUsedAt neverUsed reviewAt
  owner { id name ... on Account { email lastSignInAt memberships { since role account { id } organization { id } } } }
  realm { id slug name foldsCase shortestLifetime longestLifetime minimumNotice actions { name } ceilings { role } }
  explanation { ...Explanation }
  issuedBy { id kind name } scopes { action resource } labels { name value } holds { id source reason since operationId }
  viewerCan automation warnings { code message from } secrets { id start generation createdAt firstUsedAt lastUsedAt retiresAt }
  notices { stopsAt threshold givenAt deliveredAt failedAt }
  rotation { startedAt previousRetiresAt moved notMoved hasUnlabelled }
  renewalInfo { allowed mode window { opensAt closesAt } suggestedAt rotationAskedAt longest retryAfter reason }
  events(first: 2) { edges { cursor node { ...Event } } pageInfo { hasNextPage endCursor } }
}
fragment Explanation on Explanation {
  stopsAt stopsBasis summary judgedAt decidedBy { why: code sentence }
  freeze { from to reason } waitingStop { to since reason { why: code sentence } brake { id } }
  verdicts {
    revision hash counts decides askedAt noticePeriod capBasis warnsAt binding { id }
    cap { said kept } holds { said kept } expires { said kept }
    expiryReason { sentence } renewalReason { sentence } dormancyReason { sentence }
  }
}
fragment Event on Event { id cursor type at recordedAt reason data keyId
  actor { id kind name } key { id } realm { id } owner { id } detail { __typename } }`;

const BINDING = `id realm { id } policy hash title config mode selector noticePeriod revision reason
  effectiveAt createdAt changedAt unboundAt health fault { kind message keyCount since retryAt } progress { total done }`;

const BRAKE = `id realm { id } binding { id } revision state engagedAt endedAt waitingCount
  waiting(first: 2) { edges { cursor node { id } } pageInfo { hasNextPage } }`;

const DELIVERIES =
  'edges { cursor node { since attemptCount nextAttemptAt event { id type } } } pageInfo { hasNextPage }';

const WEBHOOKS = 'webhooks(first: 2) { edges { cursor node { id url } } pageInfo { hasNextPage } }';

const WEBHOOK = `webhook {
  id url description types keyIds labels { name value } state reason createdAt changedAt endedAt deliveredAt nextAttemptAt
  cursor owner { id name ... on Account { ${WEBHOOKS} } ... on Organization { ${WEBHOOKS} } } realm { id ${WEBHOOKS} } secrets { generation publicKey createdAt retiresAt }
  attempts(first: 2) { edges { cursor node { at status duration error event { id type } } } pageInfo { hasNextPage } }
  waiting(first: 2) { ${DELIVERIES} } parked(first: 2) { ${DELIVERIES} }
}`;

const OPERATION = `id kind state isUndoing canUndo reason filter startedAt endedAt total done failed skipped undone newlyMatched
  realm { id } organization { id } actor { id name } approvedBy { id }
  values { ownerId lifetime gracePeriod removeLabels labels { name value } }`;

const REVISION = 'revision hash mode config selector noticePeriod';

const ROLLOUT = `id change title explanation replacement sealed: sealedDigest state stage stageSince inForceSince nextStageAt waitsFor isOverBudget
  previewedCount createdAt endedAt realm { id } binding { id } stages { kind atLeast leastTime share windows }
  before { ${REVISION} } after { ${REVISION} } budget { owners share } progress { total done restored isComplete }
  proposedBy { id name } approvedBy { id name }
  answers(first: 2) { edges { cursor node { answerId kind owner { id } text isPublic keyIds until brownout createdAt withdrawnAt reply repliedAt } }
    pageInfo { hasNextPage } }
  exceptions(first: 2) { edges { cursor node { exceptionId owner { id } keyIds until reason state decision createdAt decidedAt endedAt } }
    pageInfo { hasNextPage } }
  myKeys(first: 2) { edges { cursor node { key { id } stopsAtWithout stopsAtWith isReached } } pageInfo { hasNextPage } }
  breakage { breakageCount }`;

const RULE = `id name conditions { claim equals matches } scopes { action resource } labels { name value }
  claimLabels { name claim } owner { id name } issuer { id } createdAt changedAt removedAt`;

const ISSUER = `issuer {
  id name url preset audience keySet createdAt changedAt distrustedAt
  realm { id issuers(first: 2) { edges { cursor node { id } } pageInfo { hasNextPage } } }
  rules(first: 2) { edges { cursor node { ${RULE} } } pageInfo { hasNextPage } }
}`;

const SUBJECT = `id externalId name email language createdAt noticesByMail labels { name value } realm { id }
  keys(first: 2) { edges { cursor node { id } } pageInfo { hasNextPage } }`;

const ORGANIZATION = `fragment Organization on Organization {
  id name createdAt members { since role account { id email } organization { id } }
  keys(first: 2) { edges { cursor node { id } } pageInfo { hasNextPage } }
  invitations { accountId role organizationId organizationName invitedBy createdAt expiresAt }
}`;

const random = () => randomUUID().slice(0, 8);

const scopes = [{ action: 'package:push', resource: 'Acme.*' }];

/** Between two uses. */
const BREAK_MS = 2 * MINUTE_MS;

const preparedCases: readonly OperationCase[] = [
  query('viewer', '{ viewer { ... on Account { id email } ... on Key { id } } }', async (gateway) => ({
    variables: {},
    credential: (await newKey(gateway)).secret,
  })),
  query('node', `query ($id: ID!) { node(id: $id) { ... on Key { id owner { id } } } }`, async (gateway) => ({
    id: (await richKey(gateway)).id,
  })),
  query(
    'key',
    `query ($id: ID!) {
      key(id: $id) { ...Key cadence { interval spread nextUseFrom nextUseTo confidence intervalCount } usage { consumers { name generation count firstUsedAt lastUsedAt } days { day outcome count } breakages { consumer outcome generation at firstUsedAt lastUsedAt key { id } } } }
    } ${KEY}`,
    async (gateway) => {
      const { id, secret } = await richKey(gateway);
      await gateway.ask(VERIFY_KEY, { input: { secret } }, await gateway.admin());
      await gateway.services.uses.flush();
      const today = dayOf(gateway.clock.now().getTime());
      const days = [300, 200, 100, 0].map((ago) => today - ago);
      await gateway.prisma.useDays.upsert({ where: { keyId: id }, create: { keyId: id, days }, update: { days } });
      return { id };
    },
  ),
  query(
    'keys',
    `query { keys(first: 2) { edges { cursor node { ...Key } } pageInfo { hasNextPage } } } ${KEY}`,
    async (gateway) => {
      await richKey(gateway);
      return {};
    },
  ),
  query(
    'realm',
    `query ($slug: String!) {
      realm(slug: $slug) { id name actions { name description } ceilings { role action } bindings { ${BINDING} } brakes { ${BRAKE} }
        longestShift settingsVersion leakResponse signedTokens secretPrefix secretPattern foreignSecrets { pattern randomBits } subjectMail { senderName replyTo keysPage } freezes { from to reason } rolesWithoutCeiling
        breakage { breakageCount ownerCount consumerCount keyCount days { day breakageCount } breakages(first: 2) { edges { cursor node { consumer key { id } } } pageInfo { hasNextPage } } }
        usage { day outcome count } subjectCeilings { label { name } scopes { action } } portalOrigins }
    }`,
    async (gateway) => {
      const { realm } = await newBrake(gateway);
      await change(gateway, 'updateRealm', { realm, subjectCeilings: [{ scopes }] });
      return { slug: realm };
    },
  ),
  query(
    'organization',
    `query ($id: ID!) { organization(id: $id) { ...Organization } } ${ORGANIZATION}`,
    async (gateway) => {
      const id = await newOrganization(gateway);
      const { id: keyId } = await newKey(gateway);
      await change(gateway, 'transferKey', { keyId, owner: id });
      await inviteMember(gateway, id);
      return { id };
    },
  ),
  query('realms', '{ realms(first: 2) { edges { cursor node { id slug } } pageInfo { hasNextPage } } }'),
  query(
    'accounts',
    '{ accounts(first: 2) { edges { cursor node { id name email membershipInvitations { organizationId } sessionCount sessions { sessionId startedAt expiresAt isCurrent device { program name address } } } } pageInfo { hasNextPage } } }',
  ),
  query(
    'organizations',
    '{ organizations(first: 2) { edges { cursor node { id name members { role } } } pageInfo { hasNextPage } } }',
    async (gateway) => {
      await newOrganization(gateway);
      return {};
    },
  ),
  query(
    'subjects',
    `{ subjects(realm: "default", first: 2) { edges { cursor node { ${SUBJECT} } } pageInfo { hasNextPage } } }`,
    async (gateway) => {
      await change(gateway, 'upsertSubject', { realm: 'default', externalId: random() }, 'subject { id }');
      return {};
    },
  ),
  query(
    'operation',
    `query ($id: ID!) { operation(id: $id) { ${OPERATION} keys(first: 2) { edges { cursor node { key { id } state code message changedAt } } pageInfo { hasNextPage } } } }`,
    async (gateway) => ({ id: await worldOf(gateway).operation() }),
  ),
  query(
    'operations',
    `{ operations(first: 2, realm: "default", states: [RUNNING]) { edges { cursor node { ${OPERATION} } } pageInfo { hasNextPage } } }`,
    async (gateway) => {
      await worldOf(gateway).operation();
      return {};
    },
  ),
  query('policies', '{ policies { name version hash title summary decides configSchema documentation isCurrent } }'),
  query(
    'previewPolicy',
    `query ($input: PreviewPolicyInput!) {
      previewPolicy(input: $input) {
        at previewToken keyCount realmKeyCount selectedKeyCount nearerCount furtherCount unchangedCount faultCount withoutAutomationCount brakeShare
        faults { kind message keyCount keyId }
        findings { code severity message keyCount ownerCount owners { id } keys { id } }
        replay { from to keyCount jobCount failedJobCount failedKeyCount failedConsumerCount failedOwnerCount selfRenewingJobCount faultCount
          byDay { day jobCount failedCount firstFailedCount } owners { owner { id } jobCount failedCount failedKeyCount }
          consumers { key { id } consumer jobCount failedCount failedDays } }
        byOwner { owner { id } keyCount nearerCount nearerByWeek } byWeek { startsAt before after }
        changes(first: 5) { edges { cursor node { key { id } before after said reason { why: code sentence } basis isNearer wasRenewed } } pageInfo { endCursor } }
      }
    }`,
    async (gateway) => {
      const { realm } = await newBrake(gateway);
      // Used after so long that the policy would have stopped it.
      const now = gateway.clock.now().getTime();
      const { id, secrets } = await gateway.prisma.key.findFirstOrThrow({
        where: { realm: { slug: realm }, expiredAt: null, revokedAt: null },
        include: { secrets: true },
      });
      const longAgo = new Date(now - 100 * DAY_MS);
      await gateway.prisma.key.update({
        where: { id },
        data: { createdAt: longAgo, activeAt: longAgo, grantedAt: longAgo },
      });
      gateway.services.uses.record({ id, secretId: secrets[0]!.id }, 'ci', new Date(now - 5 * DAY_MS));
      await gateway.services.uses.flush();
      return { input: { realm, policy: 'active-never-expires', config: { idle: 'P40D' }, replay: 'P30D' } };
    },
  ),
  query(
    'forecast',
    'query { forecast(horizon: "P300D") { startsAt keyCount hardCount byUseCount } }',
    async (gateway) => {
      await newKey(gateway);
      return {};
    },
  ),
  query('keyCount', 'query { keyCount(filter: { states: [ACTIVE] }) }', async (gateway) => {
    await newKey(gateway);
    return {};
  }),
  query(
    'keyCounts',
    `{ keyCounts { keyCount byState { state keyCount } byStanding { standing keyCount } stopsSoon stopsSoonByHand neverUsed
      rotating stalled withoutAutomation lateAutomation leaked } }`,
    async (gateway) => {
      await newKey(gateway);
      return {};
    },
  ),
  query(
    'timeline',
    `query ($from: DateTime!, $to: DateTime!) { timeline(from: $from, to: $to, step: WEEK) {
      at from to periods total { ...Counts } freezes { from to reason realm { slug } }
      lanes(first: 2) { edges { cursor node { byHandCount owner { id name } realm { slug } counts { ...Counts } } } pageInfo { hasNextPage } }
    } } fragment Counts on TimelineCounts { byHand byItself renewals retirements stopped }`,
    async (gateway) => {
      await richKey(gateway);
      const now = gateway.clock.now().getTime();
      return { from: new Date(now).toISOString(), to: new Date(now + 398 * DAY_MS).toISOString() };
    },
  ),
  query(
    'issueBounds',
    `{ issueBounds(realm: "default") { earliest latest earliestReason latestReason defaultExpiresAt stopsAt stopsBasis stopReason
      renewal { allowed mode window { opensAt closesAt } longest reason } } }`,
  ),
  query(
    'events',
    'query ($filter: EventFilter) { events(last: 2, filter: $filter) { edges { cursor node { ...Event } } pageInfo { hasPreviousPage startCursor } } } fragment Event on Event { id cursor type at recordedAt reason data keyId actor { id kind name } key { id } realm { id } owner { id name } detail { __typename } }',
    async (gateway) => {
      const { id } = await newKey(gateway);
      return { filter: { keyIds: [id], types: ['KEY_ISSUED'] } };
    },
  ),
  query(
    'explainToken',
    `query ($input: ExplainTokenInput!) { explainToken(input: $input) {
      problems issuer { id } rules { isMatch refused conditions { claim found holds } omittedLabels { name } rule { ${RULE} } }
    } }`,
    async (gateway) => {
      const { realm, token } = await newJob(gateway);
      return { input: { realm, token: token() } };
    },
  ),
  query(
    'waitingDevice',
    'query ($userCode: String!) { waitingDevice(userCode: $userCode) { program deviceName address askedAt expiresAt } }',
    newDevice,
  ),
  query(
    'portalSession',
    'query { portalSession { sessionId may expiresAt issuableScopes { action resource } subject { id } } }',
    async (gateway) => {
      const subject = await newSubject(gateway);
      const input = { ...subject, may: ['LIST'] };
      const { token } = await change(gateway, 'createPortalSession', input, 'token');
      return { variables: {}, credential: token };
    },
  ),
  query(
    'invitations',
    '{ invitations(first: 2) { edges { cursor node { invitationId email isAdministrator organizationId organizationName role invitedBy createdAt expiresAt } } pageInfo { hasNextPage } } }',
    async (gateway) => {
      await change(gateway, 'inviteAccount', { email: `${random()}@example.com` }, 'token');
      return {};
    },
  ),
  query(
    'webhooks',
    '{ webhooks(first: 2, states: [ACTIVE]) { edges { cursor node { id waitingCount parkedCount } } pageInfo { hasNextPage } } }',
    async (gateway) => {
      await newWebhook(gateway);
      return {};
    },
  ),
  query(
    'breakage',
    `{ breakage { breakageCount ownerCount consumerCount keyCount days { day breakageCount } breakages(first: 2) { edges { cursor node { consumer outcome generation at firstUsedAt lastUsedAt key { id } } } pageInfo { hasNextPage } } } }`,
    async (gateway) => {
      await breakConsumer(gateway, (await newKey(gateway)).id);
      return {};
    },
  ),
  query(
    'leaks',
    `{ leaks(first: 2, realm: "default") { edges { cursor node { key { id } secret { id start } reportedBy url foundIn reportedAt outcome } } pageInfo { hasNextPage } } }`,
    async (gateway) => {
      const { id: keyId } = await newKey(gateway);
      const { id: secretId } = await gateway.prisma.secret.findFirstOrThrow({ where: { keyId } });
      const leak = { ownerId: keyId, reportedBy: 'github', reportedAt: gateway.clock.now(), outcome: 'HELD' } as const;
      await gateway.prisma.leak.create({ data: { secretId, ...leak } });
      return {};
    },
  ),
  query('rollout', `query ($id: ID!) { rollout(id: $id) { ${ROLLOUT} } }`, async (gateway) => ({
    id: (await worldOf(gateway).exception()).rolloutId,
  })),
  query(
    'rollouts',
    '{ rollouts(first: 2, states: [PROPOSED]) { edges { cursor node { id state } } pageInfo { hasNextPage } } }',
    async (gateway) => {
      await worldOf(gateway).rollout();
      return {};
    },
  ),
  query(
    'problems',
    '{ problems(limit: 5) { kind since key { id } webhook { id } binding { id } brake { id } } }',
    async (gateway) => {
      await newBrake(gateway);
      return {};
    },
  ),
  query('settings', '{ settings { name description accepts isSecret source value defaultText } }'),
  query(
    'gatewayNodes',
    '{ gatewayNodes { nodeId isAnswering seenAt startedAt release formats modules { hash name isCurrent } } }',
    async (gateway) => {
      const [{ hash = '' } = {}] = await gateway.prisma.binding.findMany({ take: 1 });
      await gateway.prisma.node.create({
        data: { id: `node_${random()}`, seenAt: gateway.clock.now(), hashes: [hash] },
      });
      return {};
    },
  ),
  query('logCursorAt', '{ logCursorAt(at: "2026-11-23T12:00:00Z") }'),
  query('logCursor', 'query { logCursor keys(first: 1) { edges { node { id } } } }'),

  mutation('signIn', 'token expiresAt account { id }', async () => ({ ...ADMIN })),
  {
    field: 'Mutation.signOut',
    query: 'mutation { signOut }',
    prepare: async (gateway) => ({ variables: {}, credential: await gateway.admin() }),
  },
  {
    ...mutation('changePassword', 'account { id }', async () => ({})),
    prepare: async (gateway) => {
      const token = await gateway.session(await newAccount(gateway));
      const input = { currentPassword: ADMIN.password, newPassword: 'another good long password' };
      return { variables: { input: { ...input, idempotencyKey: random() } }, credential: token };
    },
  },
  mutation('updateAccount', 'account { id name noticesByMail }', async () => ({ name: random(), noticesByMail: true })),
  mutation('inviteAccount', 'token expiresAt', async () => ({ email: `${random()}@example.com` })),
  mutation('acceptInvitation', 'account { id email }', async (gateway) => {
    const { token } = await change(gateway, 'inviteAccount', { email: `${random()}@example.com` }, 'token');
    return { token, name: 'someone', password: 'a good long password' };
  }),
  mutation('confirmDevice', 'program deviceName address askedAt expiresAt', newDevice),
  mutation('refuseDevice', 'program deviceName address askedAt', newDevice),
  mutation('disableAccount', 'account { id disabledAt }', async (gateway) => ({
    accountId: await newAccount(gateway),
    reason: 'gone',
  })),
  mutation('endSessions', 'endedCount account { id }', async (gateway) => {
    const accountId = await newAccount(gateway);
    await gateway.session(accountId);
    return { accountId };
  }),
  mutation('setAdministrator', 'account { id isAdministrator }', async (gateway) => ({
    accountId: await newAccount(gateway),
    administrator: true,
    reason: 'a test',
  })),
  mutation('withdrawInvitation', 'invitationId', async (gateway) => {
    const email = `${random()}@example.com`;
    await change(gateway, 'inviteAccount', { email }, 'expiresAt');
    return { invitationId: (await gateway.prisma.invitation.findFirstOrThrow({ where: { email } })).id };
  }),
  mutation('renameOrganization', 'organization { id name }', async (gateway) => ({
    organizationId: await newOrganization(gateway),
    name: random(),
  })),
  mutation('createOrganization', 'organization { id name members { role } }', async () => ({ name: random() })),
  mutation('setMember', 'isInvited organization { id members { role account { id } } }', async (gateway) => ({
    organizationId: await newOrganization(gateway),
    accountId: await newAccount(gateway),
    role: 'MEMBER',
  })),
  mutation('upsertSubject', 'subject { id externalId }', async () => ({ realm: 'default', externalId: random() })),
  mutation('disableSubject', 'subject { id disabledAt }', async (gateway) => ({
    ...(await newSubject(gateway)),
    reason: 'a test',
  })),
  mutation('removeSubject', 'subject { id removedAt }', async (gateway) => ({
    ...(await newSubject(gateway)),
    reason: 'a test',
  })),
  mutation('createPortalSession', 'sessionId token url expiresAt', async (gateway) => ({
    ...(await newSubject(gateway)),
    may: ['LIST'],
  })),
  mutation('endPortalSessions', 'endedCount subject { id }', async (gateway) => {
    const subject = await newSubject(gateway);
    await change(gateway, 'createPortalSession', { ...subject, may: ['LIST'] }, 'sessionId');
    return subject;
  }),
  mutation('createRealm', 'realm { id slug } warnings', async () => ({ slug: `r-${random()}`, name: 'A realm' })),
  mutation('updateRealm', 'realm { id slug } warnings', async () => ({ realm: 'default', name: random() })),
  mutation('defineAction', 'realm { actions { name } }', async () => ({
    realm: 'default',
    name: `a:${random()}`,
    description: 'x',
  })),
  mutation('retireAction', 'realm { actions { name retiredAt } }', async (gateway) => {
    const name = `a:${random()}`;
    await change(gateway, 'defineAction', { realm: 'default', name, description: 'x' });
    return { realm: 'default', name };
  }),
  mutation('bindPolicy', `binding { ${BINDING} }`, async (gateway) => ({
    realm: await newRealm(gateway),
    policy: 'dormant-owner',
    config: { idle: 'P100D' },
    selector: { labels: [{ name: 'policy/tier', value: 'trial' }] },
    reason: 'trials end',
  })),
  mutation('updateBinding', `binding { ${BINDING} }`, async (gateway) => ({
    bindingId: await newBinding(gateway),
    mode: 'SHADOW',
  })),
  mutation('unbindPolicy', `binding { ${BINDING} }`, async (gateway) => ({ bindingId: await newBinding(gateway) })),
  mutation('releaseBrake', `brake { ${BRAKE} }`, async (gateway) => ({ brakeId: (await newBrake(gateway)).brakeId })),
  mutation('cancelBrake', `brake { ${BRAKE} }`, async (gateway) => ({ brakeId: (await newBrake(gateway)).brakeId })),

  mutation('proposeRollout', `rollout { ${ROLLOUT} }`, (gateway) => worldOf(gateway).proposal()),
  mutation('answerRollout', 'answerId rollout { id }', async (gateway) => (await worldOf(gateway).answer()).input),
  mutation(
    'decideException',
    'answerId rollout { id exceptions(first: 1) { edges { node { exceptionId state } } } }',
    async (gateway) => ({
      exceptionId: (await worldOf(gateway).exception()).exceptionId,
      grant: true,
      text: 'Until then.',
    }),
  ),
  mutation(
    'replyToAnswer',
    'answerId rollout { id answers(first: 1) { edges { node { answerId reply } } } }',
    async (gateway) => ({
      answerId: (await worldOf(gateway).exception()).answerId,
      text: 'We see.',
    }),
  ),
  ...(['advanceRollout', 'pauseRollout', 'resumeRollout', 'undoRollout'] as const).map((field) =>
    mutation(field, `rollout { ${ROLLOUT} }`, async (gateway) => ({
      rolloutId: (await worldOf(gateway).rollout()).id,
    })),
  ),

  mutation('issueKey', 'warnings { code } secret secretUnavailable key { id state }', async () => ({
    realm: 'default',
    name: 'k',
    scopes,
    lifetime: 'P90D',
  })),
  mutation('issueKeys', 'keys { secret secretUnavailable key { id state } }', async () => ({
    realm: 'default',
    keys: [{ name: 'k', scopes, lifetime: 'P90D' }],
  })),
  mutation(
    'importKeys',
    'keys { id } rows { index keyId unchanged announced stopsAt stopsBasis bindsAt } refused { index code message }',
    async (gateway) => {
      const foreignSecrets = { pattern: '[0-9a-f]{40}', randomBits: 160 };
      await change(gateway, 'updateRealm', { realm: 'default', foreignSecrets }, 'realm { id }');
      return {
        realm: 'default',
        keys: [{ digest: 'ab'.repeat(32), owner: await newOrganization(gateway), name: 'k', scopes, source: 'a' }],
        dryRun: true,
      };
    },
  ),
  mutation('adoptKey', 'key { id }', async (gateway) =>
    announceKey((name, input, selection) => change(gateway, name, input, selection), await newOrganization(gateway)),
  ),
  {
    field: 'Mutation.verifyKey',
    query: `mutation ($input: VerifyKeyInput!) {
      verifyKey(input: $input) { outcome scopeChecked stopsAt renewalDue message warnings { code message from } brownoutEndsAt key { id realm ownerId labels { name } scopes { action } subject { externalId } } }
    }`,
    prepare: async (gateway) => {
      const input = {
        secret: (await newKey(gateway)).secret,
        action: 'package:push',
        resource: 'Acme.Core',
        consumer: 'ci',
      };
      return { variables: { input }, credential: await gateway.admin() };
    },
  },
  mutation('renewKey', 'secret secretUnavailable previousRetiresAt key { id stopsAt }', async (gateway) => ({
    keyId: (await newKey(gateway)).id,
    lifetime: 'P120D',
  })),
  mutation('rotateKey', 'secret secretUnavailable previousRetiresAt key { id }', async (gateway) => ({
    keyId: (await newKey(gateway)).id,
  })),
  mutation('confirmRotation', 'key { id }', async (gateway) => ({ keyId: (await rotatingKey(gateway)).id })),
  mutation('undoRotation', 'key { id }', async (gateway) => ({ keyId: (await rotatingKey(gateway)).id })),
  mutation('updateKey', 'warnings { code } key { id name allowedAddresses }', async (gateway) => ({
    keyId: (await newKey(gateway)).id,
    name: 'renamed',
    labels: [{ name: 'repo', value: 'core' }],
  })),
  mutation('transferKey', 'key { id owner { id } }', async (gateway) => ({
    keyId: (await newKey(gateway)).id,
    owner: await newOrganization(gateway),
  })),
  mutation('holdKey', 'key { id holds { source } }', async (gateway) => ({
    keyId: (await newKey(gateway)).id,
    reason: 'why not',
  })),
  mutation('resumeKey', 'key { id state }', async (gateway) => {
    const { id: keyId } = await newKey(gateway);
    await change(gateway, 'holdKey', { keyId, reason: 'for a while' });
    return { keyId };
  }),
  mutation('revokeKey', 'key { id state }', async (gateway) => ({ keyId: (await newKey(gateway)).id, reason: 'over' })),

  mutation(
    'changeKeys',
    `matchedCount byOwner { owner { id } keyCount } keys(first: 2) { edges { cursor node { id } } pageInfo { hasNextPage } }
      confirmation confirmationExpiresAt operation { ${OPERATION} }`,
    async (gateway) => {
      const owner = await newOrganization(gateway);
      await newKey(gateway, { owner });
      return { realm: 'default', filter: { owner }, change: 'HOLD', reason: 'an incident', dryRun: true };
    },
  ),
  ...(['pauseOperation', 'resumeOperation', 'stopOperation', 'undoOperation'] as const).map((field) =>
    mutation(field, `operation { ${OPERATION} }`, async (gateway) => ({
      operationId: await worldOf(gateway).operation(),
    })),
  ),
  mutation('approveOperation', `operation { ${OPERATION} }`, async (gateway) => ({
    operationId: await worldOf(gateway).proposedOperation(),
  })),
  mutation('createWebhook', `${WEBHOOK} secret secretUnavailable`, async (gateway) => ({
    owner: await newOrganization(gateway),
    url: 'https://hooks.example:1/',
    filter: { types: ['KEY_HELD'], labels: [{ name: 'repo', value: 'core' }] },
  })),
  mutation('updateWebhook', WEBHOOK, async (gateway) => ({
    webhookId: await newWebhook(gateway),
    url: 'https://hooks.example:1/other',
    filter: { types: ['KEY_HELD'] },
  })),
  mutation('deleteWebhook', WEBHOOK, async (gateway) => ({
    webhookId: await newWebhook(gateway, { owner: await newAccount(gateway) }),
  })),
  mutation('rotateWebhookSecret', `${WEBHOOK} secret secretUnavailable previousRetiresAt`, async (gateway) => ({
    webhookId: await newWebhook(gateway),
  })),
  mutation('pauseWebhook', WEBHOOK, async (gateway) => ({ webhookId: await newWebhook(gateway), reason: 'it moves' })),
  mutation('resumeWebhook', WEBHOOK, async (gateway) => ({
    webhookId: await newWebhook(gateway, { realm: await newRealm(gateway) }),
  })),
  mutation('testWebhook', WEBHOOK, async (gateway) => ({ webhookId: await newWebhook(gateway) })),
  mutation('replayWebhook', WEBHOOK, async (gateway) => ({ webhookId: await newWebhook(gateway) })),

  mutation('trustIssuer', ISSUER, async (gateway) => ({
    realm: await newRealm(gateway),
    url: `https://${random()}.example`,
    keySet: jobKeySet,
  })),
  mutation('updateIssuer', ISSUER, async (gateway) => ({ issuerId: (await newJob(gateway)).issuerId, name: random() })),
  mutation('distrustIssuer', ISSUER, async (gateway) => ({ issuerId: (await newJob(gateway)).issuerId })),
  mutation('addTokenRule', `rule { ${RULE} }`, async (gateway) => (await newJob(gateway)).terms),
  mutation('updateTokenRule', `rule { ${RULE} }`, async (gateway) => ({
    ruleId: (await newJob(gateway)).ruleId,
    name: random(),
  })),
  mutation('removeTokenRule', `rule { ${RULE} }`, async (gateway) => ({ ruleId: (await newJob(gateway)).ruleId })),
  mutation('exchangeToken', 'secret secretUnavailable key { id isExchanged }', async (gateway) => ({
    token: (await newJob(gateway)).token(),
  })),

  {
    field: 'Subscription.events',
    query: `subscription ($after: Cursor, $filter: EventFilter) { events(after: $after, filter: $filter) { ...Event } }
      fragment Event on Event { id cursor type at recordedAt reason data keyId
  actor { id kind name } key { id } realm { id } detail { __typename } }`,
    prepare: async (gateway) => {
      const credential = await gateway.admin();
      const { data } = await gateway.ask('{ logCursor }', {}, credential);
      const { id } = await newKey(gateway);
      const filter = { keyIds: [id], realm: 'default', labels: [{ name: 'repo', value: 'core' }] };
      return { variables: { after: data['logCursor'], filter }, credential };
    },
  },
  {
    field: 'Subscription.expiring',
    query:
      'subscription { expiring(within: "P300D") { stopsAt stopsBasis remaining key { id name } renewalInfo { allowed } } }',
    prepare: async (gateway) => {
      await newKey(gateway);
      return { variables: {}, credential: await gateway.admin() };
    },
  },
];

export const operationCases: readonly OperationCase[] = preparedCases.map(({ prepare, ...use }) => ({
  ...use,
  prepare: (gateway) => {
    gateway.clock.advance(BREAK_MS);
    return prepare(gateway);
  },
}));

type Prepare = (gateway: Gateway) => Promise<object>;

function query(field: string, text: string, prepare: Prepare = async () => ({})): OperationCase {
  return {
    field: `Query.${field}`,
    query: text,
    prepare: async (gateway) => {
      const prepared = await prepare(gateway);
      return 'credential' in prepared
        ? (prepared as never)
        : { variables: prepared, credential: await gateway.admin() };
    },
  };
}

function mutation(field: string, selection: string, prepare: Prepare): OperationCase {
  return {
    field: `Mutation.${field}`,
    query: changeQuery(field, selection),
    prepare: async (gateway) => {
      const repeatable = field === 'signIn' ? {} : { idempotencyKey: random() };
      return {
        variables: { input: { ...(await prepare(gateway)), ...repeatable } },
        credential: await gateway.admin(),
      };
    },
  };
}

const worlds = new WeakMap<Gateway, MutationWorld>();

/** Returns the world of a gateway: its names are used once. */
function worldOf(gateway: Gateway): MutationWorld {
  const world = worlds.get(gateway) ?? new MutationWorld(gateway);
  worlds.set(gateway, world);
  return world;
}

async function change(
  gateway: Gateway,
  field: string,
  input: object,
  selection = '__typename',
): Promise<Record<string, any>> {
  const { data } = await gateway.ask(changeQuery(field, selection), { input }, await gateway.admin());
  if (data?.[field]?.code !== undefined) throw new Error(data[field].message);
  return data[field] as Record<string, any>;
}

function changeQuery(field: string, selection: string): string {
  const name = typeNameOf(field);
  return `mutation ($input: ${name}Input!) {
    ${field}(input: $input) { __typename ... on ${name}Success { ${selection} } ... on UserError { code message path } }
  }`;
}

/** An account with the administrator's password, made without hashing one. */
async function newAccount({ prisma, clock }: Gateway): Promise<string> {
  const { passwordHash } = await prisma.account.findUniqueOrThrow({ where: { email: ADMIN.email } });
  const id = newId('account', clock.now(), systemRandom);
  const name = random();
  await prisma.account.create({
    data: { id, email: `${name}@example.com`, name, passwordHash, createdAt: clock.now() },
  });
  return id;
}

async function newKey(gateway: Gateway, more: object = {}): Promise<{ id: string; secret: string }> {
  const labels = [{ name: 'repo', value: 'core' }];
  const input = { realm: 'default', name: 'k', lifetime: 'P90D', scopes, labels, ...more };
  const { key, secret } = await change(gateway, 'issueKey', input, 'secret key { id }');
  return { id: key.id, secret };
}

/** Records that a key broke a consumer. */
async function breakConsumer({ prisma, clock }: Gateway, keyId: string): Promise<void> {
  const { realmId, accountId } = await prisma.key.findUniqueOrThrow({ where: { id: keyId } });
  const [at, day] = [clock.now(), Math.floor(clock.now().getTime() / DAY_MS)];
  const used = { consumer: 'ci', outcome: 'KEY_EXPIRED', generation: 1, at, firstUsedAt: at, lastUsedAt: at };
  const id = newId('breakage', at, systemRandom);
  await prisma.breakage.create({ data: { id, keyId, day, realmId, ownerId: accountId ?? '', ...used } });
}

/** A key with all that a key may have: it stops after a freeze that is over a year away, and a nearer stop waits. */
async function richKey(gateway: Gateway): Promise<{ id: string; secret: string }> {
  const { prisma, clock } = gateway;
  const now = clock.now();
  const { id: realmId } = await prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const inDays = (days: number) => new Date(now.getTime() + days * DAY_MS);
  await prisma.freeze.create({ data: { realmId, from: inDays(390), to: inDays(400), reason: 'a release' } });
  const key = await rotatingKey(gateway, { lifetime: null });
  await change(gateway, 'holdKey', { keyId: key.id, reason: 'for a while' });
  const { brakeId } = await newBrake(gateway);
  const reason = { code: 'AGE', sentence: 'It is as old as a key may get.' };
  const waiting = { keyId: key.id, brakeId, from: inDays(400), to: inDays(30), reason, since: now };
  await prisma.waitingStop.create({ data: waiting });
  const notice = { keyId: key.id, stopsAt: inDays(400), thresholdMs: BigInt(DAY_MS), givenAt: now };
  await prisma.notice.create({ data: notice });
  return key;
}

async function rotatingKey(gateway: Gateway, more: object = {}): Promise<{ id: string; secret: string }> {
  const key = await newKey(gateway, more);
  await change(gateway, 'rotateKey', { keyId: key.id });
  return key;
}

/** An issuer that is trusted, in a realm of its own. */
async function newDevice({ services }: Gateway): Promise<{ userCode: string }> {
  const { userCode } = await beginDeviceAuthorization(services, {
    clientId: 'keytide',
    name: 'laptop',
    address: '192.0.2.1',
  });
  return { userCode };
}

function newJob(gateway: Gateway): Promise<TrustedJob> {
  const world = worldOf(gateway);
  world.name = (word) => `${word}-${random()}`;
  return trustJob(world);
}

async function newOrganization(gateway: Gateway): Promise<string> {
  return (await change(gateway, 'createOrganization', { name: random() }, 'organization { id }'))['organization']
    .id as string;
}

async function newSubject(gateway: Gateway): Promise<{ readonly realm: string; readonly externalId: string }> {
  const subject = { realm: 'default', externalId: random() };
  await change(gateway, 'upsertSubject', subject, 'subject { id }');
  return subject;
}

async function inviteMember(gateway: Gateway, organizationId: string): Promise<void> {
  const { prisma, clock } = gateway;
  const { id: invitedById } = await prisma.account.findUniqueOrThrow({ where: { email: ADMIN.email } });
  const now = clock.now();
  const dates = { createdAt: now, expiresAt: new Date(now.getTime() + DAY_MS) };
  const id = newId('invitation', now, systemRandom);
  const accountId = await newAccount(gateway);
  await prisma.membershipInvitation.create({
    data: { id, organizationId, accountId, role: 'MEMBER', invitedById, ...dates },
  });
}

/** A webhook with all that a webhook may have: something was tried, something waits, something is parked. */
async function newWebhook(gateway: Gateway, of: { owner?: string; realm?: string } = {}): Promise<string> {
  const { prisma, clock } = gateway;
  const belonging = Object.keys(of).length === 0 ? { owner: await newOrganization(gateway) } : of;
  const input = { ...belonging, url: 'https://hooks.example:1/' };
  const { id: webhookId } = (await change(gateway, 'createWebhook', input, 'webhook { id }'))['webhook'];
  const now = clock.now();
  const attempt = { id: newId('attempt', now, systemRandom), webhookId, position: 1n, at: now, durationMs: 5 };
  await prisma.webhookAttempt.create({ data: { ...attempt, error: 'The connection failed.' } });
  for (const [position, state] of ['WAITING', 'PARKED'].entries()) {
    const row = { id: newId('delivery', now, systemRandom), webhookId, createdAt: now, position: BigInt(position + 1) };
    await prisma.webhookDelivery.create({ data: { ...row, state: state as 'WAITING' } });
  }
  return webhookId;
}

async function newRealm(gateway: Gateway): Promise<string> {
  const slug = `r-${random()}`;
  await change(gateway, 'createRealm', { slug, name: slug });
  return slug;
}

async function newBinding(gateway: Gateway): Promise<string> {
  const input = { realm: await newRealm(gateway), policy: 'dormant-owner' };
  return (await change(gateway, 'bindPolicy', input, 'binding { id }'))['binding'].id as string;
}

/** A brake with all that a brake may have: its cause is broken, and the keys are still being looked at. */
async function newBrake(gateway: Gateway): Promise<EngagedBrake> {
  const brake = await engageBrake(gateway, `r-${random()}`);
  const now = gateway.clock.now();
  const fault = { kind: 'THROWS', message: 'x is undefined', keyCount: 1 };
  const data = { health: 'BROKEN', fault, brokenAt: now, retryAt: now, sweepCursor: '' } as const;
  await gateway.prisma.binding.update({ where: { id: brake.bindingId }, data });
  return brake;
}
