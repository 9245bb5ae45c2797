import { DAY_MS } from '../../../src/domain/duration.ts';
import { newId } from '../../../src/domain/id.ts';
import { newSecret } from '../../../src/domain/secret.ts';
import { systemRandom } from '../../../src/store/random.ts';
import { changeKey, ROTATE_KEY } from '../../support/operations.ts';
import type { EngagedBrake } from '../../support/engage-brake.ts';
import { announceKey } from '../../support/announced-key.ts';
import { MutationWorld } from '../../support/mutation-world.ts';
import { typeNameOf } from '../../support/mutation-query.ts';
import { jobKeySet, trustJob, type TrustedJob } from '../../support/trusted-job.ts';
import { openTown, PUSH, type IssuedKey, type Town } from '../../support/town.ts';

/** The code, the message, and the part of the input that it is about; null: nothing in particular. */
export type Refusal = readonly [code: string, message: string | RegExp, path: readonly string[] | null];

/** Whose credential comes along. */
export type CallerName = 'admin' | 'ann' | 'mia' | 'eve' | 'olga' | 'nobody' | 'aKey' | 'aBackend' | 'theOldSecret';

/**
 * The input of an operation, the exact refusal, and the caller: by default Olga for keys, which she owns, otherwise an
 * administrator.
 */
export type Case = readonly [input: (stage: Stage) => object, answer: Refusal, asker?: CallerName];

/** For each mutation, by what is wrong with its input. */
export type Cases = { readonly [mutation: string]: { readonly [name: string]: Case } };

/** Keys of Olga's in every state that an input can meet. */
export interface Stage extends Town {
  readonly active: IssuedKey;
  readonly held: IssuedKey;
  readonly heldByAdmin: IssuedKey;
  readonly expired: IssuedKey;
  readonly revoked: IssuedKey;
  /** With a rotation that is pending: its old secret, and the new one. */
  readonly rotating: IssuedKey & { readonly newSecret: string };
  /** The id of one that is renewed by a new secret alone. */
  readonly toRotate: string;
  /** A secret that has retired, and whose reuse has been recorded already. */
  readonly retired: string;
  /** An account that is disabled. */
  readonly closed: string;
  /** A key of Acme's that may verify, which only administrators give. */
  readonly verifying: IssuedKey;
  /** A key of Acme's that manages the subjects of `default`; its subject `customer` was disabled by an administrator. */
  readonly backend: IssuedKey;
  /** Inputs that adopt a key that was announced, and another secret for one that was adopted. */
  readonly announced: object;
  readonly adopted: object;
  /** A key of Gus's. */
  readonly foreign: IssuedKey;
  /** The token of an open invitation, and of one whose email has an account by now. */
  readonly invitation: string;
  readonly takenInvitation: string;
  /** Bindings in realms of their own; the second was taken away. */
  readonly binding: string;
  readonly unbound: string;
  /** A rollout that is paused, one that has ended, and one whose next stage may not begin; the binding of the first. */
  readonly rollout: { readonly id: string; readonly bindingId: string; readonly realm: string };
  readonly endedRollout: string;
  readonly earlyRollout: string;
  /** A rollout that halted, whose keys have not all returned. */
  readonly returningRollout: string;
  /** A rollout that has ended and touches a key of the administrator, and an exception that was asked for there. */
  readonly answeredRollout: string;
  readonly lateException: string;
  /** A brake whose binding has a rollout. */
  readonly busyBrake: EngagedBrake;
  readonly brake: EngagedBrake;
  readonly releasedBrake: string;
  readonly cancelledBrake: string;
  /** Webhooks of organizations of their own; Globex has as many as it may. */
  readonly webhook: string;
  readonly pausedWebhook: string;
  readonly endedWebhook: string;
  /** Operations on keys of organizations of their own. The last one was proposed by the administrator. */
  readonly operation: string;
  readonly stoppedOperation: string;
  readonly undoneOperation: string;
  readonly revocation: string;
  readonly proposal: string;
  readonly ownProposal: string;
  /**
   * Issuers that are trusted in realms of their own: one of a provider that has ids, one that has as many rules as it
   * may.
   */
  readonly job: TrustedJob & { readonly keySet: object };
  readonly github: TrustedJob;
  readonly crowdedIssuer: TrustedJob;
  /** One of the URL of `job`, for another audience; one that is distrusted; a realm that trusts as many as it may. */
  readonly twin: string;
  readonly distrusted: string;
  readonly crowdedRealm: string;
  /** Tokens of previews of `PREVIEWED`: one that is good, and one that is a day old. */
  readonly preview: string;
  readonly oldPreview: string;
  /** What nothing has. */
  readonly missing: {
    readonly binding: string;
    readonly brake: string;
    readonly rollout: string;
    readonly webhook: string;
    readonly operation: string;
    readonly issuer: string;
    readonly rule: string;
    readonly key: string;
    readonly account: string;
    readonly organization: string;
    readonly secret: string;
  };
}

const INVITE =
  'mutation ($input: InviteAccountInput!) { inviteAccount(input: $input) { ... on InviteAccountSuccess { token } } }';

/** What is previewed: what it would be to bind this. */
export const PREVIEWED = { realm: 'default', policy: 'active-never-expires' };

export async function openStage(): Promise<Stage> {
  const town = await openTown();
  const { gateway } = town;
  const now = gateway.clock.now();
  const world = new MutationWorld(gateway);
  const previewOf = async () => {
    const query = 'query ($input: PreviewPolicyInput!) { previewPolicy(input: $input) { previewToken } }';
    const { data } = await gateway.ask(query, { input: PREVIEWED }, await gateway.admin());
    return data['previewPolicy'].previewToken as string;
  };
  const oldPreview = await previewOf();
  const expired = await town.issue(town.olga.token, { lifetime: 'P1D' });
  await gateway.travel(DAY_MS);
  for (const name of ['admin', 'olga', 'ann', 'mia', 'gus', 'eve'] as const) {
    Object.assign(town, { [name]: await town.signInAgain(town[name]) });
  }
  const { olga, admin } = town;
  const issue = () => town.issue(olga.token, { lifetime: 'P30D' });
  const change = async (mutation: 'holdKey' | 'revokeKey', credential: string): Promise<IssuedKey> => {
    const key = await issue();
    await gateway.ask(changeKey(mutation), { input: { keyId: key.id, reason: 'an incident' } }, credential);
    return key;
  };
  const rotating = await issue();
  const rotated = await gateway.ask(ROTATE_KEY, { input: { keyId: rotating.id } }, olga.token);
  const invite = async (email: string): Promise<string> =>
    (await gateway.ask(INVITE, { input: { email } }, admin.token)).data['inviteAccount'].token;
  const takenInvitation = await invite('late@example.com');
  await town.person('Late');
  const { id: keyId, secret: retired } = await issue();
  await gateway.ask(ROTATE_KEY, { input: { keyId, gracePeriod: 'PT0S' } }, olga.token);
  await gateway.ask(mutation('revokeKey'), { input: { secret: retired, reason: 'it leaked' } });
  const closed = await town.person('Clo');
  await gateway.prisma.account.update({ where: { id: closed.id }, data: { disabledAt: gateway.clock.now() } });
  const [unbound, released, cancelled] = [await world.binding(), await world.brake(), await world.brake()];
  await world.mutate('unbindPolicy', { bindingId: unbound }, '__typename');
  await world.mutate('releaseBrake', { brakeId: released.brakeId }, '__typename');
  await world.mutate('cancelBrake', { brakeId: cancelled.brakeId }, '__typename');
  await world.mutate('upsertSubject', { realm: 'default', externalId: 'customer' }, '__typename');
  await world.mutate('disableSubject', { realm: 'default', externalId: 'customer', reason: 'unpaid' }, '__typename');
  const [pausedWebhook, endedWebhook] = [await world.webhook(), await world.webhook()];
  const paused = { state: 'PAUSED', reason: 'it failed' } as const;
  await gateway.prisma.webhook.update({ where: { id: pausedWebhook }, data: paused });
  await world.mutate('deleteWebhook', { webhookId: endedWebhook }, '__typename');
  await crowdWithWebhooks(town);
  await takePrefix(town);
  const announce = () => announceKey((...request) => world.mutate(...request), town.acme);
  const adopted = await announce();
  await world.mutate('adoptKey', adopted, '__typename');
  return {
    ...town,
    announced: await announce(),
    adopted: { ...adopted, secret: '0123456789'.repeat(4) },
    ...(await makeIssuers(world)),
    webhook: await world.webhook(),
    pausedWebhook,
    endedWebhook,
    ...(await makeOperations(world)),
    binding: await world.binding(),
    unbound,
    brake: await world.brake(),
    ...(await makeRollouts(world)),
    releasedBrake: released.brakeId,
    cancelledBrake: cancelled.brakeId,
    preview: await previewOf(),
    oldPreview,
    active: await issue(),
    held: await change('holdKey', olga.token),
    heldByAdmin: await change('holdKey', admin.token),
    expired,
    revoked: await change('revokeKey', olga.token),
    rotating: { ...rotating, newSecret: rotated.data['rotateKey'].secret },
    toRotate: await world.keyToRotate(),
    retired,
    closed: closed.id,
    verifying: await town.issue(admin.token, {
      owner: town.acme,
      scopes: [{ action: 'keytide:verify', resource: '**' }],
    }),
    backend: await town.issue(admin.token, {
      owner: town.acme,
      scopes: [{ action: 'keytide:manage', resource: '**' }],
    }),
    foreign: await town.issue(town.gus.token, { scopes: [PUSH] }),
    invitation: await invite('new@example.com'),
    takenInvitation,
    missing: {
      binding: newId('binding', now, systemRandom),
      brake: newId('brake', now, systemRandom),
      rollout: newId('rollout', now, systemRandom),
      webhook: newId('webhook', now, systemRandom),
      operation: newId('operation', now, systemRandom),
      issuer: newId('issuer', now, systemRandom),
      rule: newId('rule', now, systemRandom),
      key: newId('key', now, systemRandom),
      account: newId('account', now, systemRandom),
      organization: newId('organization', now, systemRandom),
      secret: newSecret(systemRandom).reveal(),
    },
  };
}

async function makeRollouts(world: MutationWorld) {
  const { prisma, clock } = world.gateway;
  const rollout = await world.rollout();
  await world.mutate('pauseRollout', { rolloutId: rollout.id }, '__typename');
  const { realm } = await prisma.rollout.findUniqueOrThrow({ where: { id: rollout.id }, include: { realm: true } });
  const { id: endedRollout } = await world.rollout();
  await prisma.rollout.update({ where: { id: endedRollout }, data: { state: 'DONE', endedAt: clock.now() } });
  const { id: earlyRollout } = await world.rollout([
    { kind: 'COMMENT', atLeast: 'P7D' },
    { kind: 'ENFORCED', atLeast: 'P7D' },
  ]);
  const { id: returningRollout } = await world.rollout();
  const halted = { state: 'PAUSED' as const, pausedAt: clock.now(), isOverBudget: true, restoreCursor: '' };
  await prisma.rollout.update({ where: { id: returningRollout }, data: halted });
  const { exceptionId: lateException, rolloutId: answeredRollout } = await world.exception();
  const hasEnded = { state: 'DONE', endedAt: clock.now() } as const;
  await prisma.rollout.update({ where: { id: answeredRollout }, data: hasEnded });
  const busyBrake = await world.brake();
  const { id } = await world.rollout();
  await prisma.rollout.update({ where: { id }, data: { bindingId: busyBrake.bindingId } });
  return {
    rollout: { ...rollout, realm: realm.slug },
    endedRollout,
    earlyRollout,
    returningRollout,
    answeredRollout,
    lateException,
    busyBrake,
  };
}

/** A realm beside the default one has the prefix taken_. */
async function takePrefix({ gateway: { prisma, clock } }: Town): Promise<void> {
  const { id: realmId } = await prisma.realm.findFirstOrThrow({ where: { slug: { not: 'default' } } });
  await prisma.secretPrefix.create({ data: { realmId, prefix: 'taken_', createdAt: clock.now() } });
}

/** Operations in several states. */
async function makeOperations(world: MutationWorld) {
  const { prisma, clock } = world.gateway;
  const inState = async (state: 'STOPPED' | 'UNDONE' | 'AWAITING_APPROVAL') => {
    const id = await world.operation();
    const endedAt = state === 'AWAITING_APPROVAL' ? null : clock.now();
    await prisma.operation.update({ where: { id }, data: { state, endedAt } });
    return id;
  };
  return {
    operation: await world.operation(),
    stoppedOperation: await inState('STOPPED'),
    undoneOperation: await inState('UNDONE'),
    revocation: await world.operation('REVOKE'),
    proposal: await world.proposedOperation(),
    ownProposal: await inState('AWAITING_APPROVAL'),
  };
}

/** Globex has as many webhooks as it may. */
async function crowdWithWebhooks({ gateway, globex }: Town): Promise<void> {
  const now = gateway.clock.now();
  const row = { organizationId: globex, url: '', description: '', labels: [], createdAt: now, changedAt: now };
  const rows = Array.from({ length: 50 }, () => ({ ...row, position: 0n, id: newId('webhook', now, systemRandom) }));
  await gateway.prisma.webhook.createMany({ data: rows });
}

async function makeIssuers(world: MutationWorld) {
  const { prisma } = world.gateway;
  const [job, github, crowdedIssuer, crowd] = [
    await trustJob(world),
    await trustJob(world),
    await trustJob(world),
    await trustJob(world),
  ];
  await prisma.trustedIssuer.update({ where: { id: github.issuerId }, data: { preset: 'GITHUB_ACTIONS' } });
  const now = world.gateway.clock.now();
  const rule = await prisma.tokenRule.findUniqueOrThrow({ where: { id: crowdedIssuer.ruleId } });
  const rules = Array.from({ length: 99 }, () => ({ ...rule, id: newId('rule', now, systemRandom) }));
  await prisma.tokenRule.createMany({ data: rules as never });
  const row = await prisma.trustedIssuer.findUniqueOrThrow({ where: { id: crowd.issuerId } });
  const rows = Array.from({ length: 49 }, (_, index) => {
    return { ...row, id: newId('issuer', now, systemRandom), audience: `audience ${index}` };
  });
  await prisma.trustedIssuer.createMany({ data: rows as never });
  const trust = async (input: object): Promise<string> =>
    (await world.mutate('trustIssuer', { keySet: jobKeySet, ...input }, 'issuer { id }')).issuer.id;
  const twin = await trust({ realm: job.realm, url: job.url, audience: 'of the twin' });
  const distrusted = await trust({ realm: job.realm, url: 'https://distrusted.example' });
  await world.mutate('distrustIssuer', { issuerId: distrusted }, 'issuer { id }');
  return { job: { ...job, keySet: jobKeySet }, github, crowdedIssuer, twin, distrusted, crowdedRealm: crowd.realm };
}

/** An operation that asks for nothing but what is wrong. */
export function mutation(name: string): string {
  if (name === 'verifyKey') return 'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome } }';
  const type = typeNameOf(name);
  return `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on UserError { code message path } } }`;
}

/** What GraphQL itself refuses, or a scalar, which says why: the rest of the sentence is not ours. */
export function malformed(why = ''): Refusal {
  return ['BAD_USER_INPUT', new RegExp(why.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)), null];
}

/** Something of the input is out of its bounds: `scopes.0`; null: the input as a whole. */
export function bad(path: string | null, message: string): Refusal {
  return ['BAD_USER_INPUT', message, ['input', ...(path?.split('.') ?? [])]];
}

export function forbidden(message: string): Refusal {
  return ['FORBIDDEN', message, null];
}

const notActive = (message: RegExp): Refusal => ['KEY_NOT_ACTIVE', message, null];

/** What is answered to many inputs. */
export const refusals = {
  keyNotFound: [
    'KEY_NOT_FOUND',
    'There is no key with this id that you can see. Check the id, and that your account or key may see this key.',
    ['input', 'keyId'],
  ],
  held: notActive(/^Its owner holds the key\. Resume it first\.$/),
  expired: notActive(/^The key expired at \S+Z\. To use it again, renew it before \S+Z\.$/),
  revoked: notActive(/^The key was revoked at \S+Z, for good\. Issue a new key\.$/),
  realmNotFound: [
    'REALM_NOT_FOUND',
    'No realm that you can see has this slug. Check the realm’s slug.',
    ['input', 'realm'],
  ],
  ownerNotFound: [
    'OWNER_NOT_FOUND',
    'There is no owner with this id for whom you may issue keys. Give the id of your account or of one of your organizations.',
    ['input', 'owner'],
  ],
  organizationNotFound: [
    'ORGANIZATION_NOT_FOUND',
    'No organization that you can see has this id. Check the id, and that you are a member of the organization.',
    ['input', 'organizationId'],
  ],
  noEmail: bad('email', 'email: found a text that is not an address; expected name@example.com.'),
} satisfies Record<string, Refusal>;
