import type { Device } from '../../../prisma/generated/client/client.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Failure } from '../../domain/failure.ts';
import { useCase, type IdempotentInput } from '../../log/use-case.ts';
import type { Core } from '../../store/core.ts';
import {
  requireAccountCaller,
  limitUserCodeGuesses,
  lockDeviceByUserCode,
  type UserCodeInput,
} from './user-code-access.ts';
import {
  decidedDeviceOf,
  isPending,
  deviceNotFound,
  refusePendingDevice,
  type DecidedDevice,
} from './pending-device.ts';

/**
 * Refuses the device with a user code for good, for example one with which someone tries to trick the account's owner.
 */
export function refuseDevice(
  services: Core & { readonly rateLimits: RateLimits },
  caller: Caller,
  input: UserCodeInput & IdempotentInput,
  address: string,
): Promise<DecidedDevice | Failure<'DeviceNotFound' | 'IdempotencyConflict'>> {
  return limitUserCodeGuesses(services, caller, address, (account) => refuseUseCase(services, account, input));
}

const refuseUseCase = useCase<UserCodeInput, Device, DecidedDevice>()({
  name: 'refuseDevice',
  guessable: ['userCode'],

  authorize: lockDeviceByUserCode,

  async run(change, caller, _input, device) {
    if (!isPending(device, change.now())) return deviceNotFound();
    await refusePendingDevice(change, device, requireAccountCaller(caller));
    return decidedDeviceOf(device);
  },
});
