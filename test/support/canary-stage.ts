import { DAY_MS } from '../../src/domain/duration.ts';
import type { CanaryTraffic } from './canary-traffic.ts';
import type { MutationWorld } from './mutation-world.ts';

/** What a mutation is asked, and by whom; left out: an administrator. */
export interface Asked {
  readonly input: object;
  readonly credential?: string | null;
}

/** A mutation that comes to an end of a kind, the type or the code of its answer. */
export type Scene = readonly [mutation: string, end: string, (stage: Stage) => Promise<Asked> | Asked];

export interface Stage extends Pick<CanaryTraffic, 'canary' | 'gateway'> {
  readonly world: MutationWorld;
}

export const scopes = [{ action: 'package:push', resource: '**' }];
export const nobody = 'account_00000000000000000000000000';
export const nothing = 'key_00000000000000000000000000';
export const nowhere = 'organization_00000000000000000000000000';
export const reason = 'as it happened';

// What scenes need before they begin: a key of a kind, by its id; a person who has gone; a guest who may come.

export const key = async ({ world }: Stage) => ({ keyId: (await world.key()).id });
export const rotating = async ({ world }: Stage) => ({ keyId: (await world.rotatingKey()).id });
export const revoked = async ({ world }: Stage) => {
  const { secret, id } = await world.key();
  await world.does('revokeKey', { secret, reason }, 'key { id }', null);
  return { keyId: id };
};
export const closedAccount = async ({ world, gateway }: Stage) => {
  const { id } = await gateway.person(world.name('person'));
  await world.does('disableAccount', { accountId: id, reason }, 'account { id }');
  return id;
};
export const issue = (more: object = {}) => ({ realm: 'default', name: 'canary', scopes, ...more });
export const invited = async ({ world }: Stage, email = `${world.name('guest')}@example.com`) =>
  (await world.does('inviteAccount', { email }, 'token')).token as string;
export const inDays = ({ gateway }: Stage, days: number) =>
  new Date(gateway.clock.now().getTime() + days * DAY_MS).toISOString();
