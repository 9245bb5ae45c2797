import type { Device } from '../../prisma/generated/client/client.ts';
import type { RateLimits } from '../accounts/rate-limits.ts';
import type { Caller } from '../domain/caller.ts';
import { isFailure, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden, unauthenticated } from '../domain/request-error.ts';
import { useCase, type Repeatable } from '../log/use-case.ts';
import type { Core } from '../store/core.ts';
import { confirm, isWaiting, lockDevice, noDevice, type DeviceConfirmed } from './decide.ts';
import { userDigest } from './user-code.ts';

export interface ConfirmDeviceInput {
  readonly userCode: string;
}

/** Signs the device that shows a user code in as the account that asks. Throws RATE_LIMITED after too many wrong codes. */
export async function confirmDevice(
  services: Core & { readonly rateLimits: RateLimits },
  caller: Caller,
  input: ConfirmDeviceInput & Repeatable,
  address: string,
): Promise<DeviceConfirmed | Failure> {
  if (caller.kind !== 'ACCOUNT' || !may(caller, 'account.confirmDevice', {})) {
    throw forbidden('Only a signed-in account confirms devices.');
  }
  const attempt = services.rateLimits.attemptUserCode(caller.id, address);
  let isGuess = false;
  try {
    const answer = await write(services, caller, input);
    isGuess = isFailure(answer) && answer.failure === 'DeviceNotFound';
    return answer;
  } finally {
    if (!isGuess) attempt.found();
  }
}

const write = useCase<ConfirmDeviceInput, Device, DeviceConfirmed>({
  name: 'confirmDevice',
  guessable: ['userCode'],

  async authorize(change, caller, { userCode }) {
    if (caller.kind !== 'ACCOUNT') throw forbidden('Only a signed-in account confirms devices.');
    const device = await lockDevice(change, { userDigest: userDigest(change.core.sealer, userCode) });
    const isOwn = device?.accountId === null || device?.accountId === caller.id;
    return device !== null && isOwn ? device : noDevice();
  },

  async run(change, caller, _input, device) {
    if (caller.kind !== 'ACCOUNT' || !isWaiting(device, change.now())) return noDevice();
    const isConfirmed = await confirm(change, device, caller);
    // Read with the account locked: what ended the caller's session meanwhile is to end this one too.
    const session = await change.tx.session.findUnique({ where: { id: caller.sessionId } });
    if (!isConfirmed || session === null || session.endedAt !== null) {
      throw unauthenticated('The session is over. Sign in again.', { outcome: 'SESSION_ENDED' });
    }
    const { id: deviceId, name: deviceName, address, createdAt: askedAt } = device;
    return { deviceId, deviceName, address, askedAt };
  },
});
