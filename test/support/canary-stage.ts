import { DAY_MS } from '../../src/domain/duration.ts';
import type { CanaryTraffic } from './canary-traffic.ts';
import type { MutationWorld } from './mutation-world.ts';

/** What a mutation is asked, and by whom; left out: an administrator. */
export interface SceneRequest {
  readonly input: object;
  readonly credential?: string | null;
}

/** A mutation that comes to an end of a kind, the type or the code of its answer. */
export type Scene = readonly [mutation: string, end: string, (stage: Stage) => Promise<SceneRequest> | SceneRequest];

export interface Stage extends Pick<CanaryTraffic, 'canary' | 'gateway'> {
  readonly world: MutationWorld;
}

export const scopes = [{ action: 'package:push', resource: '**' }];
export const unknownAccountId = 'account_00000000000000000000000000';
export const unknownKeyId = 'key_00000000000000000000000000';
export const unknownOrganizationId = 'organization_00000000000000000000000000';
export const reason = 'as it happened';

// What scenes need before they begin: a key of a kind, by its id; a person who has gone; a guest who may come.

export const newKeyInput = async ({ world }: Stage) => ({ keyId: (await world.key()).id });
export const rotatingKeyInput = async ({ world }: Stage) => ({ keyId: (await world.rotatingKey()).id });
export const revokedKeyInput = async ({ world }: Stage) => {
  const { secret, id } = await world.key();
  await world.mutate('revokeKey', { secret, reason }, 'key { id }', null);
  return { keyId: id };
};
export const disabledAccountInput = async ({ world, gateway }: Stage) => {
  const { id } = await gateway.person(world.name('person'));
  await world.mutate('disableAccount', { accountId: id, reason }, 'account { id }');
  return id;
};
export const issueInput = (more: object = {}) => ({ realm: 'default', name: 'canary', scopes, ...more });
export const inviteGuest = async ({ world }: Stage, email = `${world.name('guest')}@example.com`) =>
  (await world.mutate('inviteAccount', { email }, 'token')).token as string;
export const instantInDays = ({ gateway }: Stage, days: number) =>
  new Date(gateway.clock.now().getTime() + days * DAY_MS).toISOString();
