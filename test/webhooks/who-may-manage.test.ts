import { expect, test } from 'vitest';
import { mutationQuery } from '../support/mutation-query.ts';
import { changeKey } from '../support/operations.ts';
import { openReceiver } from '../support/receiver.ts';
import { openTown, type Person, type Town } from '../support/town.ts';
import { loopbackWebhooks } from '../support/webhook-world.ts';

/** A town that may send to a receiver, and how its people make webhooks: by path, for an owner or a realm. */
async function openHookTown() {
  const receiver = await openReceiver();
  const town = await openTown({ webhooks: loopbackWebhooks([receiver.port]) });
  const ask = async (mutation: string, input: object, { token }: Pick<Person, 'token'>) => {
    const { data, errors } = await town.gateway.ask(mutationQuery(mutation, 'webhook { id }'), { input }, token);
    return errors?.[0]?.extensions['code'] ?? data[mutation].code ?? data[mutation].webhook;
  };
  const make = (path: string, input: object, person: Pick<Person, 'token'>) =>
    ask('createWebhook', { url: receiver.url.replace('/hook', path), ...input }, person);
  return { receiver, town, ask, make };
}

async function settle({ gateway }: Town): Promise<void> {
  await gateway.services.follower.catchUp();
  await gateway.node.webhookSender.settled();
}

test('webhook: OWNERs and ADMINs manage an organization’s, administrators a realm’s, an account its own', async () => {
  const { town, make } = await openHookTown();
  const { olga, ann, adam, mia, gus, eve, admin, acme } = town;
  const key = { token: (await town.issue(olga.token)).secret };
  const ofAcme = { owner: acme };
  const ofRealm = { realm: 'default' };
  const made = { id: expect.stringMatching(/^webhook_/) };
  for (const [who, input, answer] of [
    [ann, ofAcme, made],
    [adam, ofAcme, made],
    [admin, ofAcme, made],
    [mia, ofAcme, 'OWNER_NOT_FOUND'],
    [gus, ofAcme, 'OWNER_NOT_FOUND'],
    [eve, { owner: olga.id }, 'OWNER_NOT_FOUND'],
    [olga, {}, made],
    [olga, { owner: olga.id }, made],
    [admin, ofRealm, made],
    [ann, ofRealm, 'FORBIDDEN'],
    [key, {}, 'FORBIDDEN'],
    [admin, { realm: 'nowhere' }, 'REALM_NOT_FOUND'],
    [admin, { realm: 'default', owner: acme }, 'BAD_USER_INPUT'],
  ] as const) {
    expect(await make('/a', input, who)).toEqual(answer);
  }
  const query = /* GraphQL */ `
    query ($acme: ID!, $olga: ID!) {
      organization(id: $acme) {
        webhooks {
          edges {
            node {
              url
            }
          }
        }
      }
      realm(slug: "default") {
        webhooks {
          edges {
            node {
              url
            }
          }
        }
      }
      node(id: $olga) {
        ... on Account {
          webhooks {
            edges {
              node {
                url
              }
            }
          }
        }
      }
    }
  `;
  const seen = async ({ token }: Pick<Person, 'token'>) => {
    const { data } = await town.gateway.ask(query, { acme, olga: olga.id }, token);
    const count = (part: any) => part?.webhooks.edges.length ?? null;
    return [count(data['organization']), count(data['realm']), count(data['node'])];
  };
  expect(await seen(ann)).toEqual([3, 0, null]);
  expect(await seen(adam)).toEqual([3, 0, null]);
  expect(await seen(mia)).toEqual([0, 0, null]);
  expect(await seen(gus)).toEqual([null, 0, null]);
  expect(await seen(olga)).toEqual([null, 0, 2]);
  expect(await seen(admin)).toEqual([3, 1, 2]);
  expect(await seen(key)).toEqual([null, 0, null]);
});

test('webhook: for callers that do not manage it, it does not exist', async () => {
  const { town, make, ask } = await openHookTown();
  const { id: webhookId } = await make('/a', { owner: town.acme }, town.ann);
  const mutations = {
    updateWebhook: { description: 'mine' },
    rotateWebhookSecret: {},
    testWebhook: {},
    replayWebhook: {},
    pauseWebhook: { reason: 'it moves' },
    resumeWebhook: {},
    deleteWebhook: {},
  };
  const key = { token: (await town.issue(town.ann.token, { owner: town.acme })).secret };
  for (const [mutation, more] of Object.entries(mutations)) {
    for (const who of [town.mia, town.gus, town.eve, key]) {
      expect([mutation, await ask(mutation, { webhookId, ...more }, who)]).toEqual([mutation, 'WEBHOOK_NOT_FOUND']);
    }
    expect([mutation, await ask(mutation, { webhookId, ...more }, town.adam)]).toEqual([mutation, { id: webhookId }]);
  }
  for (const [mutation, more] of Object.entries(mutations)) {
    expect([mutation, await ask(mutation, { webhookId, ...more }, town.ann)]).toEqual([mutation, 'WEBHOOK_NOT_ACTIVE']);
  }
});

test('webhook: it gets only the events of its owner or realm, including the transfer of a key', async () => {
  const { receiver, town, make } = await openHookTown();
  const { olga, ann, admin, acme } = town;
  const types = ['KEY_ISSUED', 'KEY_TRANSFERRED', 'KEY_REVOKED', 'POLICY_BOUND'];
  await make('/olga', { filter: { types } }, olga);
  await make('/acme', { filter: { types }, owner: acme }, ann);
  await make('/default', { filter: { types }, realm: 'default' }, admin);
  await make('/other', { filter: { types }, realm: 'other' }, admin);
  const { id: keyId } = await town.issue(olga.token);
  await town.issue(ann.token, { owner: acme, realm: 'other' });
  await town.gateway.ask(changeKey('transferKey'), { input: { keyId, owner: acme } }, admin.token);
  await town.gateway.ask(changeKey('revokeKey'), { input: { keyId, reason: 'gone' } }, ann.token);
  const bind = { realm: 'default', policy: 'dormant-owner', mode: 'SHADOW' };
  await town.gateway.ask(mutationQuery('bindPolicy', 'binding { id }'), { input: bind }, admin.token);
  await settle(town);
  const got = (path: string) => receiver.received.filter((one) => one.path === path).map(({ body }) => body.type);
  expect(got('/olga')).toEqual(['KEY_ISSUED', 'KEY_TRANSFERRED']);
  expect(got('/acme')).toEqual(['KEY_ISSUED', 'KEY_TRANSFERRED', 'KEY_REVOKED']);
  expect(got('/default')).toEqual(['KEY_ISSUED', 'KEY_TRANSFERRED', 'KEY_REVOKED', 'POLICY_BOUND']);
  expect(got('/other')).toEqual(['KEY_ISSUED']);
});

test('webhook: only administrators see events about a realm’s webhook', async () => {
  const { town, make } = await openHookTown();
  await make('/default', { realm: 'default' }, town.admin);
  await make('/acme', { owner: town.acme }, town.ann);
  const events = await town.gateway.prisma.event.findMany({ where: { type: 'WEBHOOK_CREATED' } });
  const seen = async ({ token }: Pick<Person, 'token'>) => {
    const query = 'query ($id: ID!) { node(id: $id) { id } }';
    const nodes = await Promise.all(events.map(({ id }) => town.gateway.ask(query, { id }, token)));
    return nodes.map(({ data }) => data['node'] !== null);
  };
  expect(await seen(town.admin)).toEqual([true, true]);
  expect(await seen(town.mia)).toEqual([false, true]);
  expect(await seen(town.eve)).toEqual([false, false]);
});
