import { beginDeviceAuthorization } from '../../src/accounts/devices/begin.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { engageBrake, type EngagedBrake } from './engage-brake.ts';
import type { Gateway } from './gateway.ts';
import { mutationQuery } from './mutation-query.ts';

const scopes = [{ action: 'package:push', resource: 'Acme.*' }];

/** Stages of a rollout, of which the first is over at once. */
const rolloutStages = [
  { kind: 'COMMENT', atLeast: 'PT0S' },
  { kind: 'COHORT', atLeast: 'P7D', share: 0.1 },
  { kind: 'ENFORCED', atLeast: 'P30D' },
] as const;

/** What cases are prepared in: one gateway, on which everything has a name of its own. */
export class MutationWorld {
  readonly gateway: Gateway;
  #count = 0;

  constructor(gateway: Gateway) {
    this.gateway = gateway;
  }

  name(word: string): string {
    this.#count += 1;
    return `${word}-${this.#count}`;
  }

  /** Asks as an administrator, unless said otherwise, and takes the answer of the one field. */
  async mutate(mutation: string, input: object, selection: string, credential?: string | null): Promise<any> {
    const who = credential === undefined ? await this.gateway.admin() : credential;
    const { data, errors } = await this.gateway.ask(mutationQuery(mutation, selection), { input }, who);
    const answer = data?.[mutation];
    if (answer?.__typename.endsWith('Success')) return answer;
    throw new Error(`${mutation} was to be prepared: ${JSON.stringify(errors ?? answer)}`);
  }

  async key(): Promise<{ id: string; secret: string }> {
    const input = { realm: 'default', name: this.name('key'), lifetime: 'P45D', scopes };
    const { key, secret } = await this.mutate('issueKey', input, 'key { id } secret');
    return { id: key.id, secret };
  }

  async rotatingKey(): Promise<{ id: string; oldSecret: string; secret: string }> {
    const key = await this.key();
    const { secret } = await this.mutate('rotateKey', { keyId: key.id }, 'secret');
    return { id: key.id, oldSecret: key.secret, secret };
  }

  async organization(): Promise<string> {
    return (await this.mutate('createOrganization', { name: this.name('group') }, 'organization { id }')).organization
      .id;
  }

  async realm(): Promise<string> {
    const slug = this.name('realm');
    await this.mutate('createRealm', { slug, name: slug }, 'realm { id }');
    return slug;
  }

  /** A binding, in a realm of its own. */
  async binding(): Promise<string> {
    const input = { realm: await this.realm(), policy: 'dormant-owner', reason: 'owners go' };
    return (await this.mutate('bindPolicy', input, 'binding { id }')).binding.id;
  }

  /** What proposes a rollout of a policy in a realm of its own. */
  async proposal(
    stages: readonly object[] = rolloutStages,
    policy: object = { policy: 'dormant-owner' },
  ): Promise<object> {
    const change = { realm: await this.realm(), ...policy };
    const query = 'query ($input: PreviewPolicyInput!) { previewPolicy(input: $input) { previewToken } }';
    const { data } = await this.gateway.ask(query, { input: change }, await this.gateway.admin());
    const { previewToken } = data['previewPolicy'];
    const texts = { title: 'Owners who go', explanation: 'Keys of owners who are gone are held.' };
    return { ...change, ...texts, stages, budget: { owners: 3, share: 0.001 }, previewToken };
  }

  /** A rollout in its first stage, of a binding of its own. */
  async rollout(
    stages?: readonly object[],
    policy?: object,
  ): Promise<{ readonly id: string; readonly bindingId: string }> {
    const { rollout } = await this.mutate(
      'proposeRollout',
      await this.proposal(stages, policy),
      'rollout { id binding { id } }',
    );
    return { id: rollout.id, bindingId: rollout.binding.id };
  }

  /** What answers a rollout that moves the stop of a key of the administrator, in that realm. */
  async answer(
    more: object = {},
  ): Promise<{ readonly input: { readonly rolloutId: string; readonly kind: string; readonly text: string } }> {
    const config = { longest: 'P40D', default: 'P40D', capEveryKey: 'P40D' };
    const { id: rolloutId } = await this.rollout(rolloutStages, { policy: 'bounded-lifetime', config });
    const { realm } = await this.gateway.prisma.rollout.findUniqueOrThrow({
      where: { id: rolloutId },
      include: { realm: true },
    });
    await this.mutate('defineAction', { realm: realm.slug, name: 'package:push', description: 'Push.' }, '__typename');
    await this.mutate('issueKey', { realm: realm.slug, name: this.name('key'), scopes }, 'key { id }');
    return { input: { rolloutId, kind: 'COMMENT', text: 'Why now?', ...more } };
  }

  /** An exception that the administrator asked for. */
  async exception(): Promise<{ readonly exceptionId: string; readonly answerId: string; readonly rolloutId: string }> {
    const until = new Date(this.gateway.clock.now().getTime() + 30 * 86_400_000).toISOString();
    const { input } = await this.answer({ kind: 'ASK_EXCEPTION', until });
    const { answerId } = await this.mutate('answerRollout', input, 'answerId');
    const { id } = await this.gateway.prisma.rolloutException.findFirstOrThrow({ where: { answerId } });
    return { exceptionId: id, answerId, rolloutId: input.rolloutId };
  }

  /** A key whose secret has to be replaced when it is renewed: all that are made these days are said to have leaked. */
  async keyToRotate(): Promise<string> {
    const realm = await this.realm();
    const secretsMadeBefore = new Date(this.gateway.clock.now().getTime() + DAY_MS).toISOString();
    const input = { realm, policy: 'renewal-window', config: { incident: { secretsMadeBefore } } };
    await this.mutate('bindPolicy', input, 'binding { id }');
    await this.mutate('defineAction', { realm, name: 'package:push', description: 'Push packages' }, 'realm { id }');
    const keyInput = { realm, name: this.name('key'), lifetime: 'P45D', scopes };
    return (await this.mutate('issueKey', keyInput, 'key { id }')).key.id;
  }

  /** A webhook of an organization of its own, to where nobody listens. */
  async webhook(): Promise<string> {
    const input = { url: `https://hooks.example:1/${this.name('hook')}`, owner: await this.organization() };
    return (await this.mutate('createWebhook', input, 'webhook { id }')).webhook.id;
  }

  /** A change of the keys of an organization of its own, which no node has begun to run. */
  async operation(kind = 'HOLD'): Promise<string> {
    const owner = await this.organization();
    const key = { realm: 'default', owner, name: this.name('key'), lifetime: 'P45D', scopes };
    await this.mutate('issueKey', key, 'key { id }');
    const input = { realm: 'default', filter: { owner }, change: kind, reason: 'an incident' };
    const { confirmation } = await this.mutate('changeKeys', { ...input, dryRun: true }, 'confirmation');
    return (await this.mutate('changeKeys', { ...input, confirmation }, 'operation { id }')).operation.id;
  }

  /** An operation that waits for a second person. */
  async proposedOperation(): Promise<string> {
    const id = await this.operation();
    const { id: account } = await this.gateway.person(this.name('proposer'));
    await this.gateway.prisma.operation.update({
      where: { id },
      data: { state: 'AWAITING_APPROVAL', accountId: account, actingId: account },
    });
    return id;
  }

  /** The code that a device shows which waits to be confirmed. */
  async userCode(): Promise<string> {
    const request = { clientId: 'keytide', name: this.name('laptop') };
    // As from another address each time: too many from one are refused.
    const address = `2001:db8:0:${this.#count.toString(16)}::1`;
    return (await beginDeviceAuthorization(this.gateway.services, { ...request, address })).userCode;
  }

  brake(): Promise<EngagedBrake> {
    return engageBrake(this.gateway, this.name('realm'));
  }
}
