import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
} from 'graphql';
import { expect, test } from 'vitest';
import { authenticate } from '../../src/accounts/authenticate.ts';
import type { Caller } from '../../src/domain/caller.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { kindOf, newId } from '../../src/domain/id.ts';
import { may } from '../../src/domain/permission.ts';
import { keyTargetOf } from '../../src/keys/key-row.ts';
import { maySeeEvent } from '../../src/log/visible-events.ts';
import { webhookTarget as belongingOf } from '../../src/webhooks/stored-webhook.ts';
import type { Gateway } from '../support/gateway.ts';
import { changeKey, ROTATE_KEY } from '../support/operations.ts';
import { CANARY, strangersOf } from '../support/strangers.ts';
import { MutationWorld } from '../support/mutation-world.ts';
import { openTown, PUSH, type Town } from '../support/town.ts';
import { jobKeySet } from '../support/trusted-job.ts';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

/**
 * Every field that returns an id or a node, and how this test checks it. A new field fails until it has an entry. A
 * crawled field fails until it has returned something to a caller.
 */
const fieldCases: {
  readonly [field: string]: 'CRAWLED' | 'EXPLAINED' | 'OF_A_SUCCESS' | 'PREVIEWED' | 'SUBSCRIBED' | 'VERIFIED';
} = {
  'Query.node': 'CRAWLED',
  'Query.events': 'CRAWLED',
  'Query.webhooks': 'CRAWLED',
  'Query.key': 'CRAWLED',
  'Query.keys': 'CRAWLED',
  'Query.organization': 'CRAWLED',
  'Query.realm': 'CRAWLED',
  'Query.viewer': 'CRAWLED',
  'Account.id': 'CRAWLED',
  'Account.memberships': 'CRAWLED',
  'Actor.id': 'CRAWLED',
  'Binding.id': 'CRAWLED',
  'Binding.realm': 'CRAWLED',
  'BindingVerdict.binding': 'CRAWLED',
  'Brake.binding': 'CRAWLED',
  'Brake.id': 'CRAWLED',
  'Brake.realm': 'CRAWLED',
  'Brake.waiting': 'CRAWLED',
  'Event.id': 'CRAWLED',
  'Event.key': 'CRAWLED',
  'Event.keyId': 'CRAWLED',
  'Event.owner': 'CRAWLED',
  'Event.realm': 'CRAWLED',
  'EventEdge.node': 'CRAWLED',
  'Explanation.verdicts': 'CRAWLED',
  'Explanation.waitingStop': 'CRAWLED',
  'Hold.id': 'CRAWLED',
  'Key.holds': 'CRAWLED',
  'Key.id': 'CRAWLED',
  'Key.owner': 'CRAWLED',
  'Key.realm': 'CRAWLED',
  'Key.events': 'CRAWLED',
  'Key.explanation': 'CRAWLED',
  'Key.secrets': 'CRAWLED',
  'KeyEdge.node': 'CRAWLED',
  'Membership.account': 'CRAWLED',
  'Membership.organization': 'CRAWLED',
  'Organization.id': 'CRAWLED',
  'Organization.keys': 'CRAWLED',
  'Organization.members': 'CRAWLED',
  'Realm.bindings': 'CRAWLED',
  'Realm.brakes': 'CRAWLED',
  'Realm.id': 'CRAWLED',
  'WaitingStop.brake': 'CRAWLED',
  'Account.webhooks': 'CRAWLED',
  'Organization.webhooks': 'CRAWLED',
  'Realm.webhooks': 'CRAWLED',
  'Secret.id': 'CRAWLED',
  'Webhook.attempts': 'CRAWLED',
  'Webhook.id': 'CRAWLED',
  'Webhook.keyIds': 'CRAWLED',
  'Webhook.owner': 'CRAWLED',
  'Webhook.parked': 'CRAWLED',
  'Webhook.realm': 'CRAWLED',
  'Webhook.waiting': 'CRAWLED',
  'WebhookAttempt.event': 'CRAWLED',
  'WebhookAttemptEdge.node': 'CRAWLED',
  'WebhookDelivery.event': 'CRAWLED',
  'WebhookDeliveryEdge.node': 'CRAWLED',
  'WebhookEdge.node': 'CRAWLED',
  'Realm.issuers': 'CRAWLED',
  'TokenRule.id': 'CRAWLED',
  'TokenRule.issuer': 'CRAWLED',
  'TokenRule.owner': 'CRAWLED',
  'TokenRuleEdge.node': 'CRAWLED',
  'TrustedIssuer.id': 'CRAWLED',
  'TrustedIssuer.realm': 'CRAWLED',
  'TrustedIssuer.rules': 'CRAWLED',
  'TrustedIssuerEdge.node': 'CRAWLED',
  // For administrators alone: test/issuers/explain.test.ts.
  'JudgedRule.rule': 'EXPLAINED',
  'TokenExplanation.issuer': 'EXPLAINED',
  'Query.previewPolicy': 'PREVIEWED',
  'PolicyPreview.byOwner': 'PREVIEWED',
  'PolicyPreview.changes': 'PREVIEWED',
  'PolicyFinding.keys': 'PREVIEWED',
  'PolicyFinding.owners': 'PREVIEWED',
  'PolicyPreview.findings': 'PREVIEWED',
  'PreviewedKey.key': 'PREVIEWED',
  'PreviewedKeyEdge.node': 'PREVIEWED',
  'PreviewedOwner.owner': 'PREVIEWED',
  // As far as each caller may see, and in pages: test/graphql/picker-lists.test.ts.
  'Query.accounts': 'OF_A_SUCCESS',
  'Query.organizations': 'OF_A_SUCCESS',
  'Query.realms': 'OF_A_SUCCESS',
  'AccountEdge.node': 'OF_A_SUCCESS',
  'OrganizationEdge.node': 'OF_A_SUCCESS',
  'RealmEdge.node': 'OF_A_SUCCESS',
  // For administrators and the sender: test/graphql/people-lists.test.ts.
  'AccountSession.sessionId': 'OF_A_SUCCESS',
  'Invitation.invitationId': 'OF_A_SUCCESS',
  'Invitation.organizationId': 'OF_A_SUCCESS',
  // As far as each caller may see: test/graphql/problems.test.ts.
  'Leak.key': 'OF_A_SUCCESS',
  // Of the keys that the caller sees: test/graphql/breakage.test.ts.
  'ConsumerBreakage.key': 'OF_A_SUCCESS',
  'Leak.secret': 'OF_A_SUCCESS',
  'Problem.binding': 'OF_A_SUCCESS',
  'Problem.brake': 'OF_A_SUCCESS',
  'Problem.key': 'OF_A_SUCCESS',
  'Problem.webhook': 'OF_A_SUCCESS',
  // For administrators alone: test/graphql/gateway.test.ts.
  'GatewayNode.nodeId': 'OF_A_SUCCESS',
  // Of the keys that the caller sees: test/graphql/timeline.test.ts.
  'TimelineLane.owner': 'OF_A_SUCCESS',
  'TimelineLane.realm': 'OF_A_SUCCESS',
  'TimelineFreeze.realm': 'OF_A_SUCCESS',
  // For administrators and keys with keytide:manage: test/graphql/subject-visibility.test.ts.
  'Query.subjects': 'OF_A_SUCCESS',
  'Subject.id': 'OF_A_SUCCESS',
  'Subject.keys': 'OF_A_SUCCESS',
  'Subject.realm': 'OF_A_SUCCESS',
  'SubjectEdge.node': 'OF_A_SUCCESS',
  // For the page that sent the token of the session: test/graphql/portal-sessions.test.ts.
  'PortalSession.sessionId': 'OF_A_SUCCESS',
  'PortalSession.subject': 'OF_A_SUCCESS',
  // For the invited account and for managers of the organization: test/accounts/organizations.test.ts.
  'MembershipInvitation.accountId': 'OF_A_SUCCESS',
  'MembershipInvitation.organizationId': 'OF_A_SUCCESS',
  // Needs a module that fails on a key; only administrators preview.
  'PreviewedFault.keyId': 'OF_A_SUCCESS',
  // Needs days of recorded use, test/replay/replay.test.ts; only administrators preview.
  'PolicyPreview.replay': 'OF_A_SUCCESS',
  'PolicyReplay.consumers': 'OF_A_SUCCESS',
  'PolicyReplay.owners': 'OF_A_SUCCESS',
  'ReplayedConsumer.key': 'OF_A_SUCCESS',
  'ReplayedOwner.owner': 'OF_A_SUCCESS',
  // Of the answer to the caller that issues or imports: test/graphql/issue-keys.test.ts, test/graphql/import-keys.test.ts.
  'ImportedRow.keyId': 'OF_A_SUCCESS',
  'IssuedKey.key': 'OF_A_SUCCESS',
  // For those who manage the operation: test/operations/operations.test.ts.
  'Hold.operationId': 'OF_A_SUCCESS',
  'Query.operation': 'OF_A_SUCCESS',
  'Query.operations': 'OF_A_SUCCESS',
  'Operation.id': 'OF_A_SUCCESS',
  'Operation.organization': 'OF_A_SUCCESS',
  'Operation.realm': 'OF_A_SUCCESS',
  'OperationEdge.node': 'OF_A_SUCCESS',
  'OperationKey.key': 'OF_A_SUCCESS',
  'OperationKey.keyId': 'OF_A_SUCCESS',
  'OperationValues.ownerId': 'OF_A_SUCCESS',
  // For all who see the policies of the realm: test/graphql/rollouts.test.ts.
  'Query.rollout': 'OF_A_SUCCESS',
  'Query.rollouts': 'OF_A_SUCCESS',
  'Rollout.id': 'OF_A_SUCCESS',
  'Rollout.realm': 'OF_A_SUCCESS',
  'Rollout.binding': 'OF_A_SUCCESS',
  'RolloutEdge.node': 'OF_A_SUCCESS',
  // Who sees what of an answer and of an exception: test/graphql/rollout-answers.test.ts.
  'RolloutAnswer.answerId': 'OF_A_SUCCESS',
  'RolloutAnswer.keyIds': 'OF_A_SUCCESS',
  'RolloutAnswer.owner': 'OF_A_SUCCESS',
  'RolloutException.exceptionId': 'OF_A_SUCCESS',
  'RolloutException.keyIds': 'OF_A_SUCCESS',
  'RolloutException.owner': 'OF_A_SUCCESS',
  'RolloutKey.key': 'OF_A_SUCCESS',
  'Subscription.events': 'SUBSCRIBED',
  'Subscription.expiring': 'SUBSCRIBED',
  'ExpiringKey.key': 'SUBSCRIBED',
  'VerifiedKey.id': 'VERIFIED',
  'VerifiedKey.ownerId': 'VERIFIED',
};

const PREVIEW = /* GraphQL */ `
  query ($input: PreviewPolicyInput!) {
    previewPolicy(input: $input) {
      __typename
      byOwner {
        __typename
        owner {
          __typename
          id
          name
        }
      }
      findings {
        __typename
        owners {
          __typename
          id
          name
        }
        keys {
          __typename
          id
          name
        }
      }
      changes(first: 10) {
        __typename
        edges {
          __typename
          node {
            __typename
            key {
              __typename
              id
              name
            }
          }
        }
      }
    }
  }
`;

/** How many requests run at once. */
const CONCURRENCY = 8;

const nodes = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter((type) => 'id' in type.getFields());

test('visibility: every field that returns an id or a node has its entry in this test', () => {
  const found = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => name !== 'Mutation' && !name.startsWith('__'))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter(givesIdentity)
        .map((field) => `${type.name}.${field.name}`),
    );
  // A success type is visible only to the caller that was allowed to make the change.
  // A detail has the ids of `data`, which a caller sees with the event: test/graphql/event-detail.test.ts.
  const others = found.filter((field) => !/^(\w+Success|\w+Detail|Changed\w+)\./.test(field));
  expect(others.toSorted()).toEqual(Object.keys(fieldCases).toSorted());
});

test(
  'visibility: every field shows exactly what the table of permissions lets its caller see',
  { timeout: 180_000 },
  async () => {
    const town = await openFullTown();
    const { gateway } = town;
    const shown = new Set<string>();
    const strangers = await strangersOf(town);
    const people = [town.olga, town.ann, town.mia, town.admin].map(({ token }) => token);
    // Reading other keys is a use and records an event: all keys have their first use before the comparison starts.
    for (const { credential } of strangers) await gateway.ask('{ keys { edges { cursor } } }', {}, credential);
    await gateway.services.uses.flush();
    const everything = await allOf(gateway);
    for (const credential of [...people, ...strangers.map(({ credential }) => credential)]) {
      if (credential === null) continue;
      const authenticated = await authenticate(gateway.services, `Bearer ${credential}`, '127.0.0.1');
      const watcher = new Watcher(authenticated.caller, everything, shown);
      for (let from = 0; from < everything.ids.length; from += CONCURRENCY) {
        const ids = everything.ids.slice(from, from + CONCURRENCY);
        await Promise.all(
          ids.map(async (id) => {
            for (const query of nodeQueries(kindOf(id))) {
              const { data, errors } = await gateway.ask(query, { id }, credential);
              expect(errors).toBeUndefined();
              expect([id, data['node'] !== null]).toEqual([id, watcher.maySee(id)]);
              watcher.look('Query', data);
            }
          }),
        );
      }
      // One after the other: all of an account and all of a key are more than one operation may ask for.
      for (const kind of ['Account', 'Key']) {
        for (const selection of selectionsOf(kind)) {
          const query = `{ viewer { __typename ... on ${kind} { ${selection} } } }`;
          watcher.look('Query', (await gateway.ask(query, {}, credential)).data);
        }
      }
      for (const selection of selectionsOf('Realm')) {
        watcher.look('Query', (await gateway.ask(`{ realm(slug: "default") { ${selection} } }`, {}, credential)).data);
      }
      const events = `{ events(last: 50) { ${selectionOf('EventConnection', 0)} } }`;
      watcher.look('Query', (await gateway.ask(events, {}, credential)).data);
      const webhooks = `{ webhooks(first: 10) { ${selectionOf('WebhookConnection', 0)} } }`;
      watcher.look('Query', (await gateway.ask(webhooks, {}, credential)).data);
      for (const id of [town.acme, town.globex]) {
        const query = `query ($id: ID!) { organization(id: $id) { ${selectionOf('Organization', 1)} } }`;
        watcher.look('Query', (await gateway.ask(query, { id }, credential)).data);
      }
      const { data } = await gateway.ask(`{ keys(first: 50) { ${selectionOf('KeyConnection', 0)} } }`, {}, credential);
      watcher.look('Query', data);
      const isAdministrator = credential === town.admin.token;
      const preview = await gateway.ask(
        PREVIEW,
        { input: { realm: 'default', policy: 'active-never-expires', config: { idle: 'P40D' } } },
        credential,
      );
      expect(preview.errors === undefined).toBe(isAdministrator);
      if (isAdministrator) watcher.look('Query', preview.data);
      const listed = data['keys'].edges.map(({ node }: any) => node.id);
      expect(new Set(listed)).toEqual(new Set(everything.keys.map(({ id }) => id).filter((id) => watcher.maySee(id))));
      for (const id of listed) {
        watcher.look(
          'Query',
          (await gateway.ask('query ($id: ID!) { key(id: $id) { __typename id } }', { id }, credential)).data,
        );
      }
    }
    const crawled = Object.keys(fieldCases).filter((field) => ['CRAWLED', 'PREVIEWED'].includes(fieldCases[field]!));
    expect(crawled.filter((field) => !shown.has(field))).toEqual([]);
  },
);

test('visibility: a stranger’s subscriptions send only its own events and keys, under every filter', async () => {
  const town = await openFullTown();
  const { gateway } = town;
  const olgas = await town.issue(town.olga.token, { name: `of Olga, ${CANARY}`, lifetime: 'P20D' });
  for (const { name, credential, own } of await strangersOf(town)) {
    if (credential === null) continue;
    const socket = gateway.socket(credential);
    const received: unknown[] = [];
    const watch = (field: string) => {
      const next = Promise.withResolvers<void>();
      socket.subscribe(
        { query: `subscription { ${field} }` },
        {
          next: (message) => {
            received.push(message);
            next.resolve();
          },
          error: (error) => received.push(error),
          complete: () => undefined,
        },
      );
      return next.promise;
    };
    const after = `after: "${Buffer.from('1:0').toString('base64url')}"`;
    const event = '{ id data reason key { id name } actor { id name } }';
    for (const owner of [town.olga.id, town.acme]) {
      void watch(`events(${after}, filter: { owner: "${owner}" }) ${event}`);
      void watch(`expiring(within: "P366D", filter: { owner: "${owner}" }) { key { id name } }`);
    }
    void watch(`events(${after}, filter: { keyIds: ["${olgas.id}"] }) ${event}`);
    const mine = watch(`events(${after}, filter: { keyIds: ["${olgas.id}", "${own.keyId}"] }) ${event}`);
    await mine;
    await watch(`events(${after}) ${event}`);
    const text = JSON.stringify(received);
    expect([name, text]).toEqual([name, expect.stringContaining(own.keyId)]);
    expect([name, text]).toEqual([name, expect.not.stringContaining(CANARY)]);
    expect([name, text]).toEqual([name, expect.not.stringContaining(olgas.id)]);
    await socket.dispose();
  }
});

/** A town in which everything that can be shown is there. */
async function openFullTown(): Promise<Town> {
  // The node runs no reviews by itself, so that the state stays as the test made it.
  const town = await openTown({ isClockTrusted: () => false });
  const { gateway } = town;
  // Gus sees Max, and is not to see where else he belongs.
  await town.join(town.globex, town.max, 'MEMBER');
  const more = { labels: [{ name: 'note', value: CANARY }], lifetime: 'P30D' };
  await town.issue(town.olga.token, { name: `of Olga, ${CANARY}`, ...more });
  const { id: keyId } = await town.issue(town.mia.token, { name: `of Acme, ${CANARY}`, owner: town.acme, ...more });
  await gateway.ask(ROTATE_KEY, { input: { keyId } }, town.mia.token);
  await gateway.ask(changeKey('holdKey'), { input: { keyId, reason: CANARY } }, town.mia.token);
  // A policy would shorten both keys; one of them must wait behind the brake.
  for (const owner of [town.acme, town.acme]) await town.issue(town.mia.token, { owner });
  const bind = 'mutation ($input: BindPolicyInput!) { bindPolicy(input: $input) { __typename } }';
  const input = { realm: 'default', policy: 'active-never-expires', config: { idle: 'P60D' } };
  await gateway.ask(bind, { input }, town.admin.token);
  await gateway.travel(DAY_MS / 4);
  expect(await gateway.prisma.waitingStop.count()).toBe(1);
  await makeWebhooks(town);
  await makeIssuer(town);
  return town;
}

/** An issuer that `default` trusts, with a rule for keys of Acme. */
async function makeIssuer({ gateway, acme }: Town): Promise<void> {
  const world = new MutationWorld(gateway);
  const trusted = { realm: 'default', url: 'https://jobs.example', name: CANARY, keySet: jobKeySet };
  const { id: issuerId } = (await world.mutate('trustIssuer', trusted, 'issuer { id }')).issuer;
  const conditions = [{ claim: 'team', equals: CANARY }];
  const terms = { issuerId, name: CANARY, conditions, scopes: [PUSH], owner: acme };
  await world.mutate('addTokenRule', terms, 'rule { id }');
}

/** Webhooks of Olga, Acme and the realm, with something of all that webhooks may have. */
async function makeWebhooks({ gateway, olga, ann, admin, acme }: Town): Promise<void> {
  const { prisma, clock, services } = gateway;
  const create =
    'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { ... on CreateWebhookSuccess { webhook { id } } } }';
  for (const [token, more] of [
    [olga.token, { owner: olga.id }],
    [ann.token, { owner: acme }],
    [admin.token, { realm: 'default' }],
  ] as [string, { owner?: string; realm?: string }][]) {
    const input = { url: 'https://hooks.example:1/', description: CANARY, ...more };
    const { data } = await gateway.ask(create, { input }, token);
    const { id: webhookId } = data['createWebhook'].webhook;
    const { position } = await prisma.event.findFirstOrThrow({ where: { ownerId: more.owner ?? olga.id } });
    const at = clock.now();
    const attempt = { id: newId('attempt', at, services.random), webhookId, position, at, durationMs: 5 };
    await prisma.webhookAttempt.create({ data: attempt });
    for (const [index, state] of (['WAITING', 'PARKED'] as const).entries()) {
      const row = { id: newId('delivery', at, services.random), webhookId, createdAt: at, state };
      await prisma.webhookDelivery.create({ data: { ...row, position: position + BigInt(index) } });
    }
  }
}

type Everything = Awaited<ReturnType<typeof allOf>>;

async function allOf({ prisma }: Gateway) {
  const keys = await prisma.key.findMany();
  const events = await prisma.event.findMany();
  const memberships = await prisma.membership.findMany();
  const webhooks = await prisma.webhook.findMany();
  const ofKeys = [...(await prisma.secret.findMany()), ...(await prisma.hold.findMany())];
  const rows = [
    await prisma.account.findMany(),
    await prisma.organization.findMany(),
    await prisma.realm.findMany(),
    await prisma.binding.findMany(),
    await prisma.brake.findMany(),
    webhooks,
    await prisma.trustedIssuer.findMany(),
    await prisma.tokenRule.findMany(),
    keys,
    events,
    ofKeys,
  ];
  const parts = [...(await prisma.binding.findMany()), ...(await prisma.brake.findMany())];
  const realmOf = new Map(parts.map(({ id, realmId }) => [id, realmId]));
  const keyOf = new Map(ofKeys.map(({ id, keyId }) => [id, keyId]));
  return { keyOf, keys, events, memberships, webhooks, realmOf, ids: rows.flatMap((row) => row.map(({ id }) => id)) };
}

/** Looks at all that one caller is shown. */
class Watcher {
  readonly #caller: Caller;
  readonly #all: Everything;
  readonly #shown: Set<string>;

  constructor(caller: Caller, all: Everything, shown: Set<string>) {
    this.#caller = caller;
    this.#all = all;
    this.#shown = shown;
  }

  /** What the table of permissions says of what has that id. */
  maySee(id: string): boolean {
    const caller = this.#caller;
    const { keyOf, keys, events, memberships, webhooks, realmOf } = this.#all;
    const key = keys.find((one) => one.id === (keyOf.get(id) ?? id));
    if (key !== undefined) return may(caller, 'key.read', keyTargetOf(key));
    const event = events.find((one) => one.id === id);
    if (event !== undefined) return maySeeEvent(caller, event);
    const webhook = webhooks.find((one) => one.id === id);
    if (webhook !== undefined) return may(caller, 'webhook.manage', belongingOf(webhook));
    if (['issuer', 'rule'].includes(kindOf(id) ?? '')) return may(caller, 'realm.manage', {});
    if (kindOf(id) === 'organization') return may(caller, 'organization.read', { ownerId: id });
    if (kindOf(id) === 'realm') return may(caller, 'realm.read', { realmId: id });
    const realmId = realmOf.get(id);
    if (realmId !== undefined) return may(caller, 'policy.read', { realmId });
    if (may(caller, 'account.read', { accountId: id })) return true;
    const theirs = memberships.filter(({ accountId }) => accountId === id);
    return theirs.some(({ organizationId }) => may(caller, 'organization.read', { ownerId: organizationId }));
  }

  /** Who sees a key sees who owns it and all that happened to it. */
  #isBesideWhatItSees(id: string): boolean {
    const { keys, events } = this.#all;
    const visible = keys.filter((key) => this.maySee(key.id));
    const event = events.find((one) => one.id === id);
    return visible.some(
      (key) => [key.accountId, key.organizationId, key.realmId].includes(id) || event?.keyId === key.id,
    );
  }

  look(typeName: string, shown: Record<string, unknown>): void {
    const type = schema.getType(typeName) as GraphQLObjectType;
    for (const [name, value] of Object.entries(shown)) {
      if (name === '__typename' || value === null) continue;
      if (givesIdentity(type.getFields()[name]!)) this.#shown.add(`${typeName}.${name}`);
      for (const part of [value].flat()) {
        if (typeof part !== 'object') continue;
        const object = part as Record<string, unknown>;
        if (typeof object['__typename'] === 'string') this.look(object['__typename'], object);
      }
    }
    const id = shown['id'];
    if (!nodes.includes(type) || typeof id !== 'string') return;
    if (typeName === 'Actor' || typeName === 'VerifiedKey') return;
    expect([this.#caller, id, this.maySee(id) || this.#isBesideWhatItSees(id)]).toEqual([this.#caller, id, true]);
    if (typeName === 'Account' && ('email' in shown || 'lastSignInAt' in shown)) {
      const isTheirs = may(this.#caller, 'account.read', { accountId: id });
      expect([id, shown['email'] !== null]).toEqual([id, isTheirs]);
      if (!isTheirs) expect([id, shown['lastSignInAt']]).toEqual([id, null]);
    }
  }
}

/** Objects without an id that have, or lead to, some that have one. */
const wrappers = [
  'Membership',
  'Explanation',
  'BindingVerdict',
  'WaitingStop',
  'PolicyFinding',
  'PolicyReplay',
  'PreviewedKey',
  'PreviewedOwner',
  'ReplayedConsumer',
  'ReplayedOwner',
  'WebhookAttempt',
  'WebhookDelivery',
];

/** Whether a field gives an id, or something that has one, itself or within a list or an edge. */
function givesIdentity(field: GraphQLField<unknown, unknown>): boolean {
  const type = getNamedType(field.type);
  if (type.name === 'ID') return true;
  const abstract = ['Node', 'Owner', 'Viewer'];
  const names = new Set([...nodes.map(({ name }) => name), ...abstract, ...wrappers, 'ExpiringKey', 'PolicyPreview']);
  return names.has(type.name.replace(/Connection$/, '')) && type.name !== 'Actor' && type.name !== 'VerifiedKey';
}

function nodeQueries(kind: string | null): string[] {
  const names: Record<string, string> = { issuer: 'TrustedIssuer', rule: 'TokenRule' };
  const name = names[kind ?? ''] ?? `${kind?.charAt(0).toUpperCase()}${kind?.slice(1)}`;
  return selectionsOf(name).map(
    (selection) => `query ($id: ID!) { node(id: $id) { __typename ... on ${name} { ${selection} } } }`,
  );
}

/**
 * The selections of a type, one query each: two for a realm and a key, because all fields are over the limit on cost.
 */
function selectionsOf(typeName: string): string[] {
  if (typeName !== 'Realm' && typeName !== 'Key') return [selectionOf(typeName, 1)];
  const names = Object.keys((schema.getType(typeName) as GraphQLObjectType).getFields());
  const isFirst = ({ name }: { readonly name: string }) => name === 'id' || names.indexOf(name) < names.length / 2;
  return [
    selectionOf(typeName, 1, isFirst),
    selectionOf(typeName, 1, (field) => field.name === 'id' || !isFirst(field)),
  ];
}

/** Selects all fields of a type without required arguments, to a depth, with pages as large as the limits allow. */
function selectionOf(
  typeName: string,
  depth: number,
  isAsked: (field: { readonly name: string }) => boolean = () => true,
): string {
  const type = schema.getType(typeName)!;
  if (isAbstractType(type)) {
    return `__typename ${schema
      .getPossibleTypes(type)
      .map(({ name }) => `... on ${name} { ${selectionOf(name, depth)} }`)
      .join(' ')}`;
  }
  const fields = Object.values((type as GraphQLObjectType).getFields()).flatMap((field) => {
    // All types of details are over the limit on cost.
    if (field.name === 'detail' || field.args.some(isRequiredArgument) || !isAsked(field)) return [];
    const inner: GraphQLNamedType = getNamedType(field.type);
    if (isLeafType(inner)) return [field.name];
    const isWrapper =
      /(Edge|Membership|PageInfo)$/.test(inner.name) ||
      typeName.endsWith('Edge') ||
      /^Webhook(Attempt|Delivery)$/.test(typeName) ||
      (depth > 0 && wrappers.includes(inner.name));
    if (depth === 0 && !isWrapper) return [];
    const page = field.args.some(({ name }) => name === 'first') ? '(first: 10)' : '';
    return [`${field.name}${page} { ${selectionOf(inner.name, isWrapper ? depth : depth - 1)} }`];
  });
  return `__typename ${fields.join(' ')}`;
}
