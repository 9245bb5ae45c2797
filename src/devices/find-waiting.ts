import type { Device } from '../../prisma/generated/client/client.ts';
import type { RateLimits } from '../accounts/rate-limits.ts';
import type { Caller } from '../domain/caller.ts';
import { isFailure } from '../domain/failure.ts';
import type { Core } from '../store/core.ts';
import { byUserCode } from './by-user-code.ts';
import { isWaiting, noDevice } from './decide.ts';
import { userDigest } from './user-code.ts';

/** The device that waits with a user code, for whoever is to decide on it; null: none does. Throws as `byUserCode`. */
export async function findWaitingDevice(
  services: Core & { readonly rateLimits: RateLimits },
  caller: Caller,
  userCode: string,
  address: string,
): Promise<Device | null> {
  const { prisma, sealer, clock } = services;
  const found = await byUserCode(services, caller, address, async () => {
    const device = await prisma.device.findUnique({ where: { userDigest: userDigest(sealer, userCode) } });
    return device !== null && isWaiting(device, clock.now()) ? device : noDevice();
  });
  return isFailure(found) ? null : found;
}
