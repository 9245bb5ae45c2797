import { expect } from 'vitest';
import type { Event } from '../../prisma/generated/client/client.ts';
import { authenticate } from '../../src/accounts/authenticate.ts';
import { RateLimits } from '../../src/accounts/rate-limits.ts';
import type { SessionTokens } from '../../src/accounts/session-tokens.ts';
import type { AccountCaller, KeyCaller, Role } from '../../src/domain/caller.ts';
import { bindDefaultPolicies } from '../../src/bindings/bind-default-policies.ts';
import { isFailure, type Failure } from '../../src/domain/failure.ts';
import { newId } from '../../src/domain/id.ts';
import type { Outcome } from '../../src/domain/verification.ts';
import { issueKey, type IssueKeyInput } from '../../src/keys/issue.ts';
import type { KeyTable } from '../../src/keys/table/key-table.ts';
import { AddresslessVerifiers } from '../../src/keys/addressless-verifiers.ts';
import { UseRecorder } from '../../src/keys/use-recorder.ts';
import { ReviewLoop } from '../../src/keys/review-loop.ts';
import { keyRowInclude, type KeyRow } from '../../src/keys/key-row.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import { change } from '../../src/log/change.ts';
import type { Delivery } from '../../src/log/idempotency.ts';
import type { IdempotentInput } from '../../src/log/use-case.ts';
import { realmDefaults } from '../../src/realms/create-realm.ts';
import { openCore, type OpenCore } from './core.ts';
import { openUnfollowedTable } from './key-table.ts';

export const PUSH = { action: 'package:push', resource: 'Acme.*' };

/** What an owner issues when a test does not care. */
const anyKey = { realm: 'default', name: 'release', scopes: [PUSH], labels: [], ask: null } satisfies IssueKeyInput;

export interface Issued {
  readonly keyId: string;
  readonly secret: string;
}

/** The use cases' own world: a database, a clock that stands still, people, and no server around it. */
export interface KeyWorld extends OpenCore {
  readonly keyTable: KeyTable;
  readonly uses: UseRecorder;
  readonly reviewer: ReviewLoop;
  /** What could not be done in the background. */
  readonly failures: unknown[];
  readonly realmId: string;
  readonly admin: AccountCaller;
  readonly owner: AccountCaller;
  /** Somebody else, with nothing to do with the owner. */
  readonly stranger: AccountCaller;
  /** Who gets keys by transfer. */
  readonly heir: AccountCaller;
  account(name: string, isAdministrator?: boolean): Promise<AccountCaller>;
  /** An organization with those members, and them as its callers. */
  organization<Name extends string>(members: Record<Name, Role>): Promise<{ id: string } & Record<Name, AccountCaller>>;
  /** Issues a key, by default the owner's without an expiry. */
  issue(input?: Partial<IssueKeyInput & IdempotentInput>, caller?: AccountCaller | KeyCaller): Promise<Issued>;
  /** Who shows a secret, as the gateway proves it. */
  callerOf(secret: string): Promise<KeyCaller>;
  /** What a verifier is answered, for pushing a package of Acme. The use is written. */
  verify(secret: string, consumer?: string | null): Promise<Outcome>;
  /** The same answer without a use: it asks for something that no key may do, so that a good one is VALID but for that. */
  probe(secret: string): Promise<Outcome>;
  /** Lets time pass, then all use be written and all that is due be reviewed. */
  travel(ms: number): Promise<void>;
  key(keyId: string): Promise<KeyRow>;
  events(keyId: string): Promise<Event[]>;
  eventTypes(keyId: string): Promise<string[]>;
}

export async function openKeyWorld(options: Parameters<typeof openCore>[0] = {}): Promise<KeyWorld> {
  const core = await openCore(options);
  const { prisma, clock, random } = core;
  const failures: unknown[] = [];
  const uses = new UseRecorder(core, (error) => failures.push(error));
  const keyTable = openUnfollowedTable(core);
  const addressless = new AddresslessVerifiers(core, (error) => failures.push(error));
  const services = {
    ...core,
    uses,
    addressless,
    keyTable,
    rateLimits: new RateLimits(clock),
    sessionTokens: null as unknown as SessionTokens,
  };
  const reviewer = new ReviewLoop(services, {
    mayReview: () => true,
    onReviewed: () => undefined,
    onFailure: (error) => failures.push(error),
  });
  const realm = await makeRealm(core);

  const account = async (name: string, isAdministrator = false): Promise<AccountCaller> => {
    const id = newId('account', clock.now(), random);
    const email = `${name}-${id}@example.com`;
    await prisma.account.create({
      data: { id, name, email, passwordHash: '', isAdministrator, createdAt: clock.now() },
    });
    return { kind: 'ACCOUNT', id, name, sessionId: 'session', isAdministrator, roles: new Map() };
  };
  const admin = await account('admin', true);
  const owner = await account('owner');

  const world: KeyWorld = {
    ...core,
    keyTable,
    uses,
    reviewer,
    failures,
    realmId: realm.id,
    admin,
    owner,
    stranger: await account('stranger'),
    heir: await account('heir'),
    account,
    async organization(members) {
      const id = newId('organization', clock.now(), random);
      await prisma.organization.create({ data: { id, name: 'Acme', createdAt: clock.now() } });
      const callers: Record<string, AccountCaller> = {};
      for (const [name, role] of Object.entries<Role>(members)) {
        const member = await account(name);
        const row = { organizationId: id, accountId: member.id, role, createdAt: clock.now() };
        await prisma.membership.create({ data: row });
        callers[name] = { ...member, roles: new Map([[id, role]]) };
      }
      return { id, ...callers } as { id: string } & Record<keyof typeof members, AccountCaller>;
    },
    async issue(input = {}, caller = owner) {
      const { keyId, delivery } = success(await issueKey(core, caller, { ...anyKey, ...input }));
      return { keyId, secret: textOf(delivery) };
    },
    async callerOf(secret) {
      const { caller } = await authenticate(services, `Bearer ${secret}`, '127.0.0.1');
      if (caller.kind !== 'KEY') throw new Error('a secret is shown by its key');
      return caller;
    },
    async verify(secret, consumer = null) {
      const purpose = { action: PUSH.action, resource: 'Acme.Core' };
      const { outcome } = await verifyKey(services, admin, { secret, purpose, consumer });
      await uses.flush();
      return outcome;
    },
    async probe(secret) {
      const purpose = { action: 'nothing:at-all', resource: '-' };
      const { outcome } = await verifyKey(services, admin, { secret, purpose, consumer: null });
      await uses.flush();
      return outcome === 'ACTION_UNKNOWN' ? 'VALID' : outcome;
    },
    async travel(ms) {
      clock.advance(ms);
      await reviewer.reviewDue();
    },
    key: (keyId) => prisma.key.findUniqueOrThrow({ where: { id: keyId }, include: keyRowInclude }),
    events: (keyId) => prisma.event.findMany({ where: { keyId }, orderBy: { position: 'asc' } }),
    eventTypes: async (keyId) => (await world.events(keyId)).map((event) => event.type),
  };
  return world;
}

/** Makes a realm with the default policies and two actions. */
export async function makeRealm(core: OpenCore, slug = 'default'): Promise<{ id: string }> {
  const { prisma, clock, random } = core;
  const createdAt = clock.now();
  const names = ['package:push', 'package:unlist'];
  const actions = names.map((name) => ({ id: newId('action', createdAt, random), name, description: '', createdAt }));
  const id = newId('realm', createdAt, random);
  const row = { id, slug, name: slug === 'default' ? 'Default' : slug, ...realmDefaults, createdAt };
  await prisma.realm.create({ data: { ...row, actions: { create: actions } } });
  await change(core, (change) =>
    bindDefaultPolicies(change, { id, minimumNoticeMs: realmDefaults.minimumNoticeMs }, createdAt),
  );
  return { id };
}

/** The answer of a use case that has to have succeeded. */
export function success<Answer extends object>(answer: Answer | Failure): Answer {
  if (isFailure(answer)) throw new Error(`${answer.failure}: ${answer.message}`);
  return answer;
}

/** Which failure a use case answered. */
export function failureOf(answer: object): string {
  expect(answer).toHaveProperty('failure');
  return (answer as Failure).failure;
}

/** The secret that is shown. */
export function textOf(delivery: Delivery | undefined): string {
  if (!delivery?.text) throw new Error('no secret is shown');
  return delivery.text.reveal();
}
