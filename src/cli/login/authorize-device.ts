import { setTimeout as pauseFor } from 'node:timers/promises';
import { ClientError } from '../../client/client-error.ts';
import { requestDeviceCodes, pollDeviceToken, type DeviceNames } from '../../client/device.ts';
import { describeDuration } from '../../domain/duration.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { plainLine, type Output } from '../output.ts';

/** RFC 8628, section 3.5: what is added when the gateway says that it is asked too often, in seconds. */
const SLOW_DOWN_SECONDS = 5;

/** A token, and how long it is good. */
export interface DeviceToken {
  readonly token: Sensitive<string>;
  readonly expiresInSeconds: number;
}

/**
 * Shows a code, and waits until a person has confirmed it in a browser (RFC 8628). While the gateway is away it goes on asking,
 * slower each time.
 *
 * @throws CommandError NO_PERMISSION when it was refused, UNAVAILABLE when nobody confirmed it in time; ClientError.
 */
export async function authorizeDevice(
  url: string,
  names: DeviceNames,
  output: Output,
  pause: (ms: number) => Promise<unknown> = pauseFor,
): Promise<DeviceToken> {
  const codes = await requestDeviceCodes(url, names);
  output.note(
    `Open ${plainLine(codes.address)} and type this code: ${output.style('bold', plainLine(codes.userCode))}`,
  );
  let waitSeconds = Math.max(1, codes.intervalSeconds);
  let leftSeconds = codes.expiresInSeconds;
  while (leftSeconds > 0) {
    output.progress(`waiting for it to be confirmed, ${describeDuration(Math.floor(leftSeconds) * 1000)} more`);
    await pause(waitSeconds * 1000);
    leftSeconds -= waitSeconds;
    try {
      const answer = await pollDeviceToken(url, names, codes.deviceCode);
      if (answer.token !== null) {
        output.progress(null);
        return { token: new Sensitive(answer.token), expiresInSeconds: answer.expiresInSeconds };
      }
      if (answer.isTooSoon) waitSeconds += SLOW_DOWN_SECONDS;
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.code === 'access_denied') throw new CommandError(exitStatus.NO_PERMISSION, 'It was refused.', error);
      if (error.code === 'expired_token') break;
      if (!error.isPassing) throw error;
      waitSeconds = Math.max(2 * waitSeconds, (error.retryAfterMs ?? 0) / 1000);
    }
  }
  output.progress(null);
  throw new CommandError(exitStatus.UNAVAILABLE, 'Nobody confirmed the code in time: run keytide login again.');
}
