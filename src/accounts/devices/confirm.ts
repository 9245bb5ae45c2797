import type { Device } from '../../../prisma/generated/client/client.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Failure } from '../../domain/failure.ts';
import { unauthenticated } from '../../domain/request-error.ts';
import { useCase, type IdempotentInput } from '../../log/use-case.ts';
import type { Core } from '../../store/core.ts';
import {
  requireAccountCaller,
  limitUserCodeGuesses,
  lockDeviceByUserCode,
  type UserCodeInput,
} from './user-code-access.ts';
import {
  confirmPendingDevice,
  decidedDeviceOf,
  isPending,
  deviceNotFound,
  type DecidedDevice,
} from './pending-device.ts';

/** A confirmed device, and when its session ends. */
export type ConfirmedDevice = DecidedDevice & { readonly expiresAt: Date };

/**
 * Signs in the device with a user code as the calling account. The new session ends no later than the caller's session,
 * so that a stolen session cannot be extended.
 */
export function confirmDevice(
  services: Core & { readonly rateLimits: RateLimits },
  caller: Caller,
  input: UserCodeInput & IdempotentInput,
  address: string,
): Promise<ConfirmedDevice | Failure<'DeviceNotFound' | 'IdempotencyConflict'>> {
  return limitUserCodeGuesses(services, caller, address, (account) => confirmUseCase(services, account, input));
}

const confirmUseCase = useCase<UserCodeInput, Device, ConfirmedDevice>()({
  name: 'confirmDevice',
  guessable: ['userCode'],

  authorize: lockDeviceByUserCode,

  async run(change, caller, _input, device) {
    if (!isPending(device, change.now())) return deviceNotFound();
    const account = requireAccountCaller(caller);
    const findSession = () => change.tx.session.findUnique({ where: { id: account.sessionId } });
    const until = (await findSession())?.expiresAt ?? null;
    const expiresAt = until && (await confirmPendingDevice(change, device, account, until));
    // Read again with the account locked: if the caller's session was ended meanwhile, the device must not get one.
    const session = await findSession();
    if (expiresAt === null || session === null || session.endedAt !== null) {
      throw unauthenticated('The session has ended. Sign in again.', { outcome: 'SESSION_ENDED' });
    }
    return { ...decidedDeviceOf(device), expiresAt };
  },
});
