import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { openWindow, type Window, type WindowOptions } from './browser.ts';
import { pollToken, requestCodes } from './device-world.ts';
import { ADMIN } from './first-node.ts';
import { openIssuerWorld } from './issuer-world.ts';
import { policiesWith } from './policies.ts';
import { scratchFolder } from './scratch-folder.ts';

/** What a hostile text begins with. A page shows it as it is. */
export const MARKUP = '<img src=x onerror="alert(1)">';

/** Returns a text of some length that is markup, turns the direction of writing around, and has no place to break. */
export function hostileText(length: number): string {
  const start = `${MARKUP}{{7*7}}\u202e"'&`;
  return start + 'W'.repeat(length - start.length);
}

/** A module whose texts, and the sentence that says why a key stops, are hostile. */
const MODULE = `/**
 * hostile: ${hostileText(200)}
 *
 * ${MARKUP} and [a link](javascript:alert(1)).
 */
import { definePolicy, duration, z } from '#policy';

export default definePolicy({
  name: 'hostile',
  version: '1.0.0',
  title: ${JSON.stringify(hostileText(80))},
  summary: ${JSON.stringify(`${hostileText(255)}.`)},
  config: z.strictObject({
    life: duration({ min: 'PT1H' }).meta({ title: ${JSON.stringify(hostileText(80))}, description: ${JSON.stringify(hostileText(255))} }),
  }),
  expiry: ({ key }, { life }) => ({
    request: null,
    cap: { at: key.createdAt + life, basis: 'HARD' },
    reason: { code: 'LIFE', sentence: ${JSON.stringify(hostileText(255))} },
  }),
});
`;

/** A gateway in which every text that somebody can choose is hostile, and the ids of what has a page. */
export async function openHostileWorld() {
  let url = 'http://127.0.0.1:0';
  const folder = scratchFolder();
  writeFileSync(join(folder, 'hostile.ts'), MODULE);
  const issuers = await openIssuerWorld({
    publicUrl: () => url,
    isClockTrusted: () => true,
    policies: await policiesWith(folder),
    trust: { name: hostileText(100) },
    rule: {
      name: hostileText(100),
      conditions: [{ claim: 'team', equals: hostileText(200) }],
      labels: [{ name: `${'a'.repeat(62)}b`, value: hostileText(200) }],
    },
  });
  const { gateway, world, ruleId } = issuers;
  url = gateway.url;
  const { prisma, clock, services } = gateway;
  const now = clock.now();
  const name = hostileText(100);
  const reason = hostileText(400);

  await prisma.account.updateMany({ where: { email: ADMIN.email }, data: { name } });
  const guest = await gateway.person('pia');
  await prisma.account.update({ where: { id: guest.id }, data: { name, email: `${'w'.repeat(240)}@example.com` } });
  await world.mutate('updateRealm', { realm: 'default', name }, 'realm { id }');
  const action = { realm: 'default', name: `w:${'w'.repeat(60)}`, description: hostileText(200) };
  await world.mutate('defineAction', action, 'realm { id }');
  const { organization } = await world.mutate('createOrganization', { name }, 'organization { id }');
  const owner = organization.id as string;
  const member = { organizationId: owner, accountId: guest.id, role: 'MEMBER' };
  await world.mutate('setMember', member, 'isInvited');
  const invited = { email: `${'n'.repeat(240)}@example.com`, organization: owner, role: 'MEMBER' };
  const { token } = await world.mutate('inviteAccount', invited, 'token');
  const binding = { realm: 'default', policy: 'hostile', config: { life: 'P300D' }, reason };
  const bindingId = (await world.mutate('bindPolicy', binding, 'binding { id }')).binding.id as string;

  const rolloutId = await rollOut();

  const issue = (more: object) =>
    world.mutate('issueKey', { realm: 'default', name, scopes: [scope], ...more }, 'key { id } secret');
  const labels = [{ name: 'team', value: hostileText(256) }];
  const { key, secret } = await issue({ owner, description: hostileText(900), labels, lifetime: 'P20D' });
  const verify = { secret, action: 'package:push', resource: scope.resource, consumer: hostileText(100) };
  await gateway.ask(
    'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome } }',
    { input: verify },
    await gateway.admin(),
  );
  await services.uses.flush();
  await world.mutate('rotateKey', { keyId: key.id, gracePeriod: 'P7D' }, 'secret');
  await world.mutate('holdKey', { keyId: key.id, reason }, 'key { id }');
  const customer = { realm: 'default', externalId: hostileText(200), name };
  await world.mutate('upsertSubject', customer, 'subject { id }');
  await issue({ ownerOf: { subject: { externalId: customer.externalId } } });
  await issue({ owner, name });

  await answerRollout();

  const hook = { owner, url: `https://hooks.example:1/${'w'.repeat(255)}`, description: hostileText(200) };
  const webhookId = (await world.mutate('createWebhook', hook, 'webhook { id }')).webhook.id as string;
  await world.mutate('pauseWebhook', { webhookId, reason }, 'webhook { id }');
  const attempt = { webhookId, position: 1n, at: now, durationMs: 5, error: hostileText(300) };
  await prisma.webhookAttempt.create({ data: { id: newId('attempt', now, services.random), ...attempt } });

  const { id: secretId } = await prisma.secret.findFirstOrThrow({ where: { keyId: key.id } });
  const found = { reportedBy: name, url: `https://gist.example/${'w'.repeat(255)}`, foundIn: name };
  await prisma.leak.create({
    data: { secretId, ownerId: owner, reportedAt: now, outcome: 'HELD', ...found },
  });
  const fault = { kind: 'THROWS', message: hostileText(300), keyCount: 1 };
  const { hash } = await prisma.binding.update({
    where: { id: bindingId },
    data: { health: 'BROKEN', fault, brokenAt: now, retryAt: now },
  });
  const { id: realmId } = await prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const brake = { realmId, bindingId, hash, revision: 1, state: 'ENGAGED', engagedAt: now } as const;
  await prisma.brake.create({ data: { id: newId('brake', now, services.random), ...brake } });
  const operationId = await holdAll(reason);
  await signInDevice(name);
  await services.follower.catchUp();

  /** Proposes a rollout that binds the module once more. Returns its id. */
  async function rollOut(): Promise<string> {
    const change = { realm: 'default', policy: 'hostile', config: { life: 'P200D' } };
    const preview = 'query ($input: PreviewPolicyInput!) { previewPolicy(input: $input) { previewToken } }';
    const { data } = await gateway.ask(preview, { input: change }, await gateway.admin());
    const texts = { title: name, explanation: hostileText(900), replacement: hostileText(400) };
    const stages = [
      { kind: 'COMMENT', atLeast: 'P7D' },
      { kind: 'ENFORCED', atLeast: 'P30D' },
    ];
    const { previewToken } = data['previewPolicy'];
    const proposal = { ...change, ...texts, stages, budget: { owners: 3 }, previewToken };
    return (await world.mutate('proposeRollout', proposal, 'rollout { id }')).rollout.id as string;
  }

  /** Answers the rollout in the name of the organization. An administrator replies. */
  async function answerRollout(): Promise<void> {
    const said = { rolloutId, owner, text: hostileText(900) };
    const until = new Date(now.getTime() + 30 * DAY_MS).toISOString();
    await world.mutate('answerRollout', { ...said, kind: 'ASK_EXCEPTION', until }, 'answerId');
    const { answerId } = await world.mutate('answerRollout', { ...said, kind: 'OBJECT' }, 'answerId');
    await world.mutate('replyToAnswer', { answerId, text: hostileText(900) }, 'answerId');
    await world.mutate('pauseRollout', { rolloutId, reason }, 'rollout { id }');
  }

  /** Holds the keys of the organization. Returns the id of the operation. */
  async function holdAll(why: string): Promise<string> {
    const change = { realm: 'default', filter: { owner }, change: 'HOLD', reason: why };
    const { confirmation } = await world.mutate('changeKeys', { ...change, dryRun: true }, 'confirmation');
    const { operation } = await world.mutate('changeKeys', { ...change, confirmation }, 'operation { id }');
    await gateway.node.operationLoop.runDue();
    return operation.id as string;
  }

  async function signInDevice(deviceName: string): Promise<void> {
    const codes = await requestCodes(gateway, deviceName);
    await world.mutate('confirmDevice', { userCode: codes.user_code }, '__typename');
    clock.advance(6_000);
    await pollToken(gateway, codes);
  }

  return {
    gateway,
    ids: { owner, guest: guest.id, key: key.id as string, rule: ruleId, webhook: webhookId, binding: bindingId },
    operationId,
    rolloutId,
    /** The id that the API gave to a customer who has a key. */
    customer: customer.externalId,
    invitation: String(token),
    open: (path: string, options: WindowOptions = {}): Promise<Window> => openWindow(gateway, path, options),
  };
}

const scope = { action: 'package:push', resource: hostileText(200).replaceAll('*', '') };
