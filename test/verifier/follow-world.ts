import type { AccountCaller } from '../../src/domain/caller.ts';
import { ManualClock } from '../support/clock.ts';
import { ADMIN } from '../support/first-node.ts';
import { openGateway } from '../support/gateway.ts';
import type { FollowWorld } from './history.ts';

/** Opens two gateways on one database, whose clock stands still, and which review only when they are told to. */
export async function openFollowWorld(): Promise<FollowWorld> {
  const parts = { clock: new ManualClock(), isClockTrusted: () => false };
  const first = await openGateway(parts);
  const second = await openGateway({ ...parts, database: first.database });
  const { id } = await first.prisma.account.findUniqueOrThrow({ where: { email: ADMIN.email } });
  const heir = await first.person('heir');
  return { gateways: [first, second], admin: callerOf(id, true), heir: callerOf(heir.id, false) };
}

function callerOf(id: string, isAdministrator: boolean): AccountCaller {
  return { kind: 'ACCOUNT', id, name: 'test', sessionId: 'session', isAdministrator, roles: new Map() };
}
