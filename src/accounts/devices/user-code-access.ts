import type { Device } from '../../../prisma/generated/client/client.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { AccountCaller, Caller } from '../../domain/caller.ts';
import { isFailure, type Failure } from '../../domain/failure.ts';
import { may } from '../../domain/permission.ts';
import { forbidden } from '../../domain/request-error.ts';
import type { Change } from '../../log/change.ts';
import { lockDevice, deviceNotFound, isPending } from './pending-device.ts';
import { digestUserCode } from './user-code.ts';
import type { Core } from '../../store/core.ts';

export interface UserCodeInput {
  readonly userCode: string;
}

/**
 * Runs an action of an account on a user code, and counts wrong codes as guesses. Throws FORBIDDEN if the caller is not
 * an account, and RATE_LIMITED after too many wrong codes in any of the actions.
 */
export async function limitUserCodeGuesses<Result extends object>(
  { rateLimits }: { readonly rateLimits: RateLimits },
  caller: Caller,
  address: string,
  action: (account: AccountCaller) => Promise<Result>,
): Promise<Result> {
  const account = requireAccountCaller(caller);
  const attempt = rateLimits.attemptUserCode(account.id, address);
  let isGuess = false;
  try {
    const result = await action(account);
    isGuess = isFailure(result) && result.failure === 'DeviceNotFound';
    return result;
  } finally {
    if (!isGuess) attempt.found();
  }
}

/** Locks the device with a user code. A device on which another account has decided is not found. */
export async function lockDeviceByUserCode(
  change: Change,
  caller: Caller,
  { userCode }: UserCodeInput,
): Promise<Device | Failure<'DeviceNotFound'>> {
  const account = requireAccountCaller(caller);
  const device = await lockDevice(change, { userDigest: digestUserCode(change.core.sealer, userCode) });
  const isOwn = device?.accountId === null || device?.accountId === account.id;
  return device !== null && isOwn ? device : deviceNotFound();
}

/** Returns the caller if it is an account. Throws FORBIDDEN for every other caller. */
export function requireAccountCaller(caller: Caller): AccountCaller {
  if (caller.kind === 'ACCOUNT' && may(caller, 'account.confirmDevice', {})) return caller;
  throw forbidden('Only a signed-in account can view, confirm and refuse devices. Sign in first.');
}

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
