import { authenticate } from '../accounts/authenticate.ts';
import { createOrganization } from '../accounts/create-organization.ts';
import { bindPolicy } from '../bindings/bind.ts';
import { previewPolicy } from '../bindings/preview.ts';
import type { PolicyPreview } from '../bindings/count-preview.ts';
import type { AccountCaller, Role } from '../domain/caller.ts';
import type { Json } from '../domain/event.ts';
import { isFailure, type Failure } from '../domain/failure.ts';
import type { Selector } from '../domain/selector.ts';
import type { Services } from '../graphql/context.ts';
import type { ReviewLoop } from '../keys/review-loop.ts';
import { issueKey } from '../keys/issue.ts';
import { renewKey } from '../keys/renew.ts';
import { rotateKey } from '../keys/rotate.ts';
import { verifyKey } from '../keys/verify.ts';
import { answerRollout, type AnswerRolloutInput } from '../rollouts/answer.ts';
import { decideException } from '../rollouts/decide-exception.ts';
import { proposeRollout, type ProposeRolloutInput } from '../rollouts/propose.ts';
import { replyToAnswer } from '../rollouts/reply.ts';
import type { RolloutLoop } from '../rollouts/rollout-loop.ts';
import { undoRollout } from '../rollouts/undo.ts';
import type { DemoGateway } from './open-demo-gateway.ts';

const REALM = 'default';
const SCOPE = { action: 'package:push', resource: 'Acme.*' };

/** A key of the story, with the secret that its programs have. */
export interface CastKey {
  readonly id: string;
  readonly name: string;
  readonly team: string;
  /** The id of the team. */
  readonly owner: string;
  secret: string;
}

/** What an owner says about a rollout. */
export type AnswerOfTeam = Pick<AnswerRolloutInput, 'kind'> & Partial<AnswerRolloutInput>;

/** What people and programs of the story do, through the use cases of the demo's gateway. */
export class Stage {
  readonly #services: Services;
  readonly #reviewer: ReviewLoop;
  readonly #rollouts: RolloutLoop;
  readonly #url: string;
  readonly #roles = new Map<string, Role>();
  #person: AccountCaller | null = null;

  constructor({ node, url }: Pick<DemoGateway, 'node' | 'url'>) {
    this.#services = node.services;
    this.#reviewer = node.reviewer;
    this.#rollouts = node.rolloutLoop;
    this.#url = url;
  }

  /** Returns the address of a page of the console. */
  addressOf(path: string): string {
    return `${this.#url}${path}`;
  }

  async founder(): Promise<AccountCaller> {
    const { id, name } = await this.#services.prisma.account.findFirstOrThrow({ where: { isAdministrator: true } });
    const person = { kind: 'ACCOUNT', id, name, sessionId: 'demo', isAdministrator: true, roles: this.#roles } as const;
    return (this.#person ??= person);
  }

  async found(name: string): Promise<string> {
    const { organizationId } = expectSuccess(await createOrganization(this.#services, await this.founder(), { name }));
    this.#roles.set(organizationId, 'OWNER');
    return organizationId;
  }

  async issue(
    owner: { readonly id: string; readonly name: string },
    name: string,
    lifetimeMs: number | null,
    labels: readonly { readonly name: string; readonly value: string }[] = [],
  ): Promise<CastKey> {
    const ask = lifetimeMs === null ? null : { lifetimeMs };
    const input = { realm: REALM, owner: owner.id, name, scopes: [SCOPE], labels, ask };
    const { keyId, delivery } = expectSuccess(await issueKey(this.#services, await this.founder(), input));
    return { id: keyId, name, team: owner.name, owner: owner.id, secret: delivery.text?.reveal() ?? '' };
  }

  /** A program uses a secret. Returns the outcome. */
  async use(secret: string, consumer: string): Promise<string> {
    const purpose = { action: SCOPE.action, resource: 'Acme.Core' };
    const { outcome } = await verifyKey(this.#services, await this.founder(), { secret, purpose, consumer });
    return outcome;
  }

  /** The program that has a key renews it. */
  async renewByProgram({ secret }: CastKey): Promise<void> {
    const { caller } = await authenticate(this.#services, `Bearer ${secret}`, '127.0.0.1');
    expectSuccess(await renewKey(this.#services, caller, { ask: null, accept: ['EXTEND'] }));
  }

  /** A person renews a key after a notice. */
  async renewByHand({ id }: CastKey): Promise<void> {
    expectSuccess(await renewKey(this.#services, await this.founder(), { keyId: id, ask: null, accept: ['EXTEND'] }));
  }

  /** Replaces the secret of a key. Returns the old one. */
  async rotate(key: CastKey, gracePeriodMs: number): Promise<string> {
    const old = key.secret;
    const { delivery } = expectSuccess(
      await rotateKey(this.#services, await this.founder(), { keyId: key.id, gracePeriodMs }),
    );
    key.secret = delivery.text?.reveal() ?? '';
    return old;
  }

  async bind(policy: string, config: Json, selector: Selector): Promise<void> {
    const binding = { realm: REALM, policy, config, selector, mode: 'ENFORCED' } as const;
    expectSuccess(await bindPolicy(this.#services, await this.founder(), binding));
  }

  async preview(policy: string, config: Json): Promise<PolicyPreview> {
    return previewPolicy(this.#services, await this.founder(), { realm: REALM, policy, config, mode: 'ENFORCED' });
  }

  /** Proposes that a policy is bound in stages. Returns the id of the rollout. */
  async propose(
    rollout: Omit<ProposeRolloutInput, 'realm' | 'previewToken'> & { readonly policy: string; readonly config: Json },
  ): Promise<string> {
    const { policy, config, selector = null } = rollout;
    const draft = { realm: REALM, policy, config, selector, mode: 'ENFORCED' } as const;
    const { previewToken } = await previewPolicy(this.#services, await this.founder(), draft);
    const proposal = { ...rollout, realm: REALM, previewToken };
    return expectSuccess(await proposeRollout(this.#services, await this.founder(), proposal)).rolloutId;
  }

  /** A team answers a rollout. Returns the id of the answer. */
  async answer(rolloutId: string, owner: string, given: AnswerOfTeam): Promise<string> {
    const nothing = { text: null, isPublic: false, keyIds: [], until: null, takesBrownouts: false, consumers: [] };
    const answer = { ...nothing, ...given, rolloutId, owner };
    return expectSuccess(await answerRollout(this.#services, await this.founder(), answer)).answerId;
  }

  async reply(answerId: string, text: string): Promise<void> {
    expectSuccess(await replyToAnswer(this.#services, await this.founder(), { answerId, text }));
  }

  /** Grants the exception that an answer requested. */
  async grant(answerId: string, text: string): Promise<void> {
    const { id } = await this.#services.prisma.rolloutException.findFirstOrThrow({ where: { answerId } });
    const decision = { exceptionId: id, isGranted: true, until: null, text };
    expectSuccess(await decideException(this.#services, await this.founder(), decision));
  }

  async undo(rolloutId: string, reason: string): Promise<void> {
    expectSuccess(await undoRollout(this.#services, await this.founder(), { rolloutId, reason }));
  }

  /** Returns when each key stops, in ms since 1970; never: Infinity. */
  async stopsOf(keys: readonly CastKey[]): Promise<readonly number[]> {
    const rows = await this.#services.prisma.key.findMany({ where: { id: { in: keys.map(({ id }) => id) } } });
    const stops = new Map(rows.map(({ id, stopsAt }) => [id, stopsAt?.getTime()]));
    return keys.map(({ id }) => stops.get(id) ?? Infinity);
  }

  /** Writes all use, then reviews everything that is due and lets rollouts go on, as the gateway does by itself. */
  async settle(): Promise<void> {
    await this.#services.uses.flush();
    for (let isRestoring = true; isRestoring;) {
      await this.#reviewer.reviewDue();
      isRestoring = await this.#rollouts.runDue();
      await this.#reviewer.reviewDue();
    }
    await this.#services.follower.catchUp();
  }

  /** The keys whose programs are asked to renew them now. */
  async dueForRenewal(ids: readonly string[], now: Date): Promise<ReadonlySet<string>> {
    const rows = await this.#services.prisma.key.findMany({
      where: { id: { in: [...ids] }, renewalDueAt: { lte: now } },
      select: { id: true },
    });
    return new Set(rows.map(({ id }) => id));
  }

  /** What the log has after a position, the earliest first. */
  eventsAfter(position: bigint) {
    return this.#services.prisma.event.findMany({
      where: { position: { gt: position } },
      select: { position: true, type: true, keyId: true },
      orderBy: { position: 'asc' },
    });
  }
}

function expectSuccess<Answer extends object>(answer: Answer | Failure): Answer {
  if (isFailure(answer)) throw new Error(`${answer.failure}: ${answer.message}`);
  return answer;
}
