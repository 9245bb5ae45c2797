import { systemActor } from '../../src/domain/event.ts';
import { change } from '../../src/log/change.ts';
import type { Gateway } from './gateway.ts';
import { changeKey, ISSUE_KEY } from './operations.ts';
import { untypedDraft } from './untyped-draft.ts';

const PUSH = { action: 'package:push', resource: 'Acme.*' };

/** The reserved action by which a key sees its owner's other keys. */
export const READ = { action: 'keytide:read', resource: '**' };

/** Issues a key as a caller does, by default with one scope and no expiry. */
export async function issue(
  gateway: Gateway,
  credential: string,
  input: object = {},
): Promise<{ readonly id: string; readonly secret: string; readonly stopsAt: string | null }> {
  const whole = { realm: 'default', name: 'release', scopes: [PUSH], ...input };
  const { data, errors } = await gateway.ask(ISSUE_KEY, { input: whole }, credential);
  const { key, secret } = data?.['issueKey'] ?? {};
  if (key === undefined) throw new Error(`not issued: ${JSON.stringify({ data, errors })}`);
  return { id: key.id as string, secret: secret as string, stopsAt: key.stopsAt as string | null };
}

/** A mutation of a key that has to succeed. */
export async function mutate(
  gateway: Gateway,
  credential: string,
  mutation: Parameters<typeof changeKey>[0],
  input: object,
): Promise<void> {
  const { data, errors } = await gateway.ask(changeKey(mutation), { input }, credential);
  const name = data?.[mutation]?.__typename as string | undefined;
  if (!name?.endsWith('Success')) throw new Error(`${mutation}: ${JSON.stringify({ data, errors })}`);
}

/** An organization of its maker, with those members. */
export async function makeOrganization(
  gateway: Gateway,
  credential: string,
  members: readonly { readonly id: string; readonly role: string }[] = [],
): Promise<string> {
  const { data } = await gateway.ask(
    'mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) { ... on CreateOrganizationSuccess { organization { id } } } }',
    { input: { name: 'Acme' } },
    credential,
  );
  const organizationId = data['createOrganization'].organization.id as string;
  for (const { id, role } of members) await setMember(gateway, credential, { organizationId, accountId: id, role });
  return organizationId;
}

export async function setMember(gateway: Gateway, credential: string, input: object): Promise<void> {
  const { data, errors } = await gateway.ask(
    'mutation($input: SetMemberInput!) { setMember(input: $input) { __typename ... on SetMemberSuccess { isInvited } } }',
    { input },
    credential,
  );
  if (data?.['setMember']?.__typename !== 'SetMemberSuccess') throw new Error(JSON.stringify({ data, errors }));
  // An invited account accepts by its own request.
  if (data['setMember'].isInvited)
    await setMember(gateway, await gateway.session((input as { accountId: string }).accountId), input);
}

/** Where the log ends, as a caller is told. */
export async function logCursor(gateway: Gateway, credential: string): Promise<string> {
  return (await gateway.ask('{ logCursor }', {}, credential)).data['logCursor'];
}

/** Tells of something numbered that concerns a key, past all use cases: what subscribers of it are to see. */
export async function recordNumberedEvents(
  { services }: Pick<Gateway, 'services'>,
  about: { readonly keyId?: string; readonly realmId?: string; readonly ownerId?: string },
  number: number,
  more: { readonly [name: string]: string } = {},
): Promise<void> {
  const event = { type: 'KEY_UPDATED', at: services.clock.now(), ...about, actor: systemActor } as const;
  await change(services, async ({ record }) => record(untypedDraft({ ...event, data: { number, ...more } })));
}

/** Tells of so many things, numbered from 1 on, 50 in a change. */
export async function recordManyEvents(
  { services }: Pick<Gateway, 'services'>,
  count: number,
  more: { readonly [name: string]: string },
): Promise<void> {
  const event = { type: 'KEY_UPDATED', at: services.clock.now(), actor: systemActor } as const;
  for (let first = 1; first <= count; first += 50) {
    const numbers = Array.from({ length: Math.min(50, count + 1 - first) }, (_, index) => first + index);
    await change(services, async ({ record }) =>
      record(...numbers.map((number) => untypedDraft({ ...event, data: { number, ...more } }))),
    );
  }
}

/** What tells of one numbered thing after another, without a pause, until it is stopped. */
export interface Publisher {
  /** The number that was told last, or is being told. */
  readonly number: number;
  /** Resolves when it has told up to that number. */
  until(number: number): Promise<void>;
  /** Ends, and gives the last number. */
  stop(): Promise<number>;
}

/** Publishes from those nodes in turn. */
export function startPublisher(
  nodes: readonly Gateway[],
  about: Parameters<typeof recordNumberedEvents>[1] = {},
): Publisher {
  const state = { number: 0, isStopped: false, waiting: [] as { number: number; resolve: () => void }[] };
  const publishing = (async () => {
    while (!state.isStopped) {
      const node = nodes[state.number % nodes.length];
      state.number += 1;
      if (node !== undefined) await recordNumberedEvents(node, about, state.number);
      for (const { number, resolve } of state.waiting) if (number <= state.number) resolve();
    }
  })();
  return {
    get number() {
      return state.number;
    },
    until: (number) => new Promise((resolve) => state.waiting.push({ number, resolve })),
    async stop() {
      state.isStopped = true;
      await publishing;
      return state.number;
    },
  };
}
