import type { Device } from '../../prisma/generated/client/client.ts';
import type { RateLimits } from '../accounts/rate-limits.ts';
import type { Caller } from '../domain/caller.ts';
import type { Failure } from '../domain/failure.ts';
import { useCase, type Repeatable } from '../log/use-case.ts';
import type { Core } from '../store/core.ts';
import { accountOf, byUserCode, openDevice, type UserCodeInput } from './by-user-code.ts';
import { factsOf, isWaiting, noDevice, refuse, type DeviceDecided } from './decide.ts';

/** Refuses the device that shows a user code, for good: one that somebody else is to be taken in with. */
export function refuseDevice(
  services: Core & { readonly rateLimits: RateLimits },
  caller: Caller,
  input: UserCodeInput & Repeatable,
  address: string,
): Promise<DeviceDecided | Failure> {
  return byUserCode(services, caller, address, (account) => write(services, account, input));
}

const write = useCase<UserCodeInput, Device, DeviceDecided>({
  name: 'refuseDevice',
  guessable: ['userCode'],

  authorize: openDevice,

  async run(change, caller, _input, device) {
    if (!isWaiting(device, change.now())) return noDevice();
    await refuse(change, device, accountOf(caller));
    return factsOf(device);
  },
});
