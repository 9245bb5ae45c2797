import type { Device } from '../../prisma/generated/client/client.ts';
import type { RateLimits } from '../accounts/rate-limits.ts';
import type { Caller } from '../domain/caller.ts';
import type { Failure } from '../domain/failure.ts';
import { unauthenticated } from '../domain/request-error.ts';
import { useCase, type Repeatable } from '../log/use-case.ts';
import type { Core } from '../store/core.ts';
import { accountOf, byUserCode, openDevice, type UserCodeInput } from './by-user-code.ts';
import { confirm, factsOf, isWaiting, noDevice, type DeviceDecided } from './decide.ts';

/** A device that was confirmed, and when its session ends. */
export type DeviceConfirmed = DeviceDecided & { readonly expiresAt: Date };

/**
 * Signs the device that shows a user code in as the account that asks. Its session ends with the one that confirms it, at the
 * latest: nothing prolongs a session, and whoever has stolen one gets no longer one by it.
 */
export function confirmDevice(
  services: Core & { readonly rateLimits: RateLimits },
  caller: Caller,
  input: UserCodeInput & Repeatable,
  address: string,
): Promise<DeviceConfirmed | Failure> {
  return byUserCode(services, caller, address, (account) => write(services, account, input));
}

const write = useCase<UserCodeInput, Device, DeviceConfirmed>({
  name: 'confirmDevice',
  guessable: ['userCode'],

  authorize: openDevice,

  async run(change, caller, _input, device) {
    if (!isWaiting(device, change.now())) return noDevice();
    const account = accountOf(caller);
    const findSession = () => change.tx.session.findUnique({ where: { id: account.sessionId } });
    const until = (await findSession())?.expiresAt ?? null;
    const expiresAt = until && (await confirm(change, device, account, until));
    // Read again with the account locked: what ended the caller's session meanwhile is to end this one too.
    const session = await findSession();
    if (expiresAt === null || session === null || session.endedAt !== null) {
      throw unauthenticated('The session is over. Sign in again.', { outcome: 'SESSION_ENDED' });
    }
    return { ...factsOf(device), expiresAt };
  },
});
