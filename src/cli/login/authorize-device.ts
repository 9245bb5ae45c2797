import { setTimeout as pauseFor } from 'node:timers/promises';
import { ClientError } from '../../client/client-error.ts';
import { requestDeviceCodes, pollDeviceToken, type DeviceNames } from '../../client/device.ts';
import { describeDuration } from '../../domain/duration.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { plainLine, type Output } from '../output.ts';

/** The increase of the polling interval after `slow_down`, in seconds (RFC 8628, section 3.5). */
const SLOW_DOWN_SECONDS = 5;

/** A session token and its lifetime. */
export interface DeviceToken {
  readonly token: Sensitive<string>;
  readonly expiresInSeconds: number;
}

/**
 * Shows a code and polls until a person has confirmed it in a browser (RFC 8628). While the gateway is unavailable,
 * doubles the interval.
 *
 * @throws CommandError NO_PERMISSION if the code was refused, UNAVAILABLE if it expired; ClientError.
 */
export async function authorizeDevice(
  url: string,
  names: DeviceNames,
  output: Output,
  pause: (ms: number) => Promise<unknown> = pauseFor,
): Promise<DeviceToken> {
  const codes = await requestDeviceCodes(url, names);
  output.note(
    `Open ${plainLine(codes.address)} and enter this code: ${output.style('bold', plainLine(codes.userCode))}`,
  );
  let waitSeconds = Math.max(1, codes.intervalSeconds);
  let secondsLeft = codes.expiresInSeconds;
  while (secondsLeft > 0) {
    output.progress(`waiting for confirmation, ${describeDuration(Math.floor(secondsLeft) * 1000)} left`);
    await pause(waitSeconds * 1000);
    secondsLeft -= waitSeconds;
    try {
      const result = await pollDeviceToken(url, names, codes.deviceCode);
      if (result.token !== null) {
        output.progress(null);
        return { token: new Sensitive(result.token), expiresInSeconds: result.expiresInSeconds };
      }
      if (result.isTooSoon) waitSeconds += SLOW_DOWN_SECONDS;
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.code === 'access_denied')
        throw new CommandError(exitStatus.NO_PERMISSION, 'The login was refused.', error);
      if (error.code === 'expired_token') break;
      if (!error.isPassing) throw error;
      waitSeconds = Math.max(2 * waitSeconds, (error.retryAfterMs ?? 0) / 1000);
    }
  }
  output.progress(null);
  throw new CommandError(exitStatus.UNAVAILABLE, 'The code expired before it was confirmed: run keytide login again.');
}
