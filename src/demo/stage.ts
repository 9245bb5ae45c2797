import { authenticate } from '../accounts/authenticate.ts';
import { createOrganization } from '../accounts/create-organization.ts';
import { bindPolicy } from '../bindings/bind.ts';
import { previewPolicy } from '../bindings/preview.ts';
import type { PolicyPreview } from '../bindings/count-preview.ts';
import type { AccountCaller, Role } from '../domain/caller.ts';
import type { Json } from '../domain/event.ts';
import { isFailure, type Failure } from '../domain/failure.ts';
import type { Services } from '../graphql/context.ts';
import type { ReviewLoop } from '../keys/review-loop.ts';
import { issueKey } from '../keys/issue.ts';
import { renewKey } from '../keys/renew.ts';
import { rotateKey } from '../keys/rotate.ts';
import { verifyKey } from '../keys/verify.ts';
import type { DemoGateway } from './open-demo-gateway.ts';

const REALM = 'default';
const SCOPE = { action: 'package:push', resource: 'Acme.*' };

/** A key of the story, with the secret that its programs have. */
export interface CastKey {
  readonly id: string;
  readonly name: string;
  readonly team: string;
  secret: string;
}

/** What people and programs of the story do, through the use cases of the demo's gateway. */
export class Stage {
  readonly #services: Services;
  readonly #reviewer: ReviewLoop;
  readonly #roles = new Map<string, Role>();
  #person: AccountCaller | null = null;

  constructor({ node }: Pick<DemoGateway, 'node'>) {
    this.#services = node.services;
    this.#reviewer = node.reviewer;
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
  ): Promise<CastKey> {
    const ask = lifetimeMs === null ? null : { lifetimeMs };
    const input = { realm: REALM, owner: owner.id, name, scopes: [SCOPE], labels: [], ask };
    const { keyId, delivery } = expectSuccess(await issueKey(this.#services, await this.founder(), input));
    return { id: keyId, name, team: owner.name, secret: delivery.text?.reveal() ?? '' };
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

  async bind(policy: string, config: Json): Promise<void> {
    expectSuccess(
      await bindPolicy(this.#services, await this.founder(), { realm: REALM, policy, config, mode: 'ENFORCED' }),
    );
  }

  async preview(policy: string, config: Json): Promise<PolicyPreview> {
    return previewPolicy(this.#services, await this.founder(), { realm: REALM, policy, config, mode: 'ENFORCED' });
  }

  /** Writes all use, then reviews everything that is due, as the gateway does by itself. */
  async settle(): Promise<void> {
    await this.#services.uses.flush();
    await this.#reviewer.reviewDue();
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
