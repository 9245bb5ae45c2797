import type { Device } from '../../prisma/generated/client/client.ts';
import type { RateLimits } from '../accounts/rate-limits.ts';
import type { AccountCaller, Caller } from '../domain/caller.ts';
import { isFailure, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { lockDevice, deviceNotFound } from './pending-device.ts';
import { digestUserCode } from './user-code.ts';

export interface UserCodeInput {
  readonly userCode: string;
}

/**
 * Has an account do something with a user code that it was told. Throws FORBIDDEN for everybody else, and RATE_LIMITED after too
 * many wrong codes, whatever was to be done with them.
 */
export async function limitUserCodeGuesses<Answer extends object>(
  { rateLimits }: { readonly rateLimits: RateLimits },
  caller: Caller,
  address: string,
  act: (account: AccountCaller) => Promise<Answer | Failure>,
): Promise<Answer | Failure> {
  const account = requireAccountCaller(caller);
  const attempt = rateLimits.attemptUserCode(account.id, address);
  let isGuess = false;
  try {
    const answer = await act(account);
    isGuess = isFailure(answer) && answer.failure === 'DeviceNotFound';
    return answer;
  } finally {
    if (!isGuess) attempt.found();
  }
}

/** Locks the device that shows a user code, unless somebody else has decided on it. */
export async function lockDeviceByUserCode(
  change: Change,
  caller: Caller,
  { userCode }: UserCodeInput,
): Promise<Device | Failure> {
  const account = requireAccountCaller(caller);
  const device = await lockDevice(change, { userDigest: digestUserCode(change.core.sealer, userCode) });
  const isOwn = device?.accountId === null || device?.accountId === account.id;
  return device !== null && isOwn ? device : deviceNotFound();
}

/** The account that asks. Throws FORBIDDEN where it is none. */
export function requireAccountCaller(caller: Caller): AccountCaller {
  if (caller.kind === 'ACCOUNT' && may(caller, 'account.confirmDevice', {})) return caller;
  throw forbidden('Only a signed-in account looks at devices, confirms and refuses them.');
}
