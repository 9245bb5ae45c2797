import type { Device } from '../../../prisma/generated/client/client.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { Caller } from '../../domain/caller.ts';
import { isFailure } from '../../domain/failure.ts';
import type { Core } from '../../store/core.ts';
import { limitUserCodeGuesses } from './user-code-access.ts';
import { isPending, deviceNotFound } from './pending-device.ts';
import { digestUserCode } from './user-code.ts';

/**
 * Returns the pending device with a user code, for an account that decides on it; null: there is none. Throws the
 * errors of `limitUserCodeGuesses`.
 */
export async function findPendingDevice(
  services: Core & { readonly rateLimits: RateLimits },
  caller: Caller,
  userCode: string,
  address: string,
): Promise<Device | null> {
  const { prisma, sealer, clock } = services;
  const result = await limitUserCodeGuesses(services, caller, address, async () => {
    const device = await prisma.device.findUnique({ where: { userDigest: digestUserCode(sealer, userCode) } });
    return device !== null && isPending(device, clock.now()) ? device : deviceNotFound();
  });
  return isFailure(result) ? null : result;
}
