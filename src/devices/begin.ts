import { hash } from 'node:crypto';
import { MINUTE_MS } from '../domain/duration.ts';
import { newId } from '../domain/id.ts';
import { addMs } from '../domain/key.ts';
import { badUserInput } from '../domain/request-error.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { textProblem } from '../domain/text.ts';
import type { RateLimits } from '../accounts/rate-limits.ts';
import type { Core } from '../store/core.ts';
import { newUserCode, digestUserCode } from './user-code.ts';

/** How long a device can be confirmed, and its token be fetched. */
export const DEVICE_LIFETIME_MS = 10 * MINUTE_MS;

/** How long a device waits between two polls, in seconds (RFC 8628, section 3.2, its default). */
export const POLL_INTERVAL_SECONDS = 5;

/** The longest name of a program and of a machine, in characters. */
const LONGEST_NAME = 100;

/** How often another user code is drawn when the one that was drawn is taken. */
const DRAWS_MAX = 10;

export interface DeviceAuthorizationRequest {
  /** Which program asks. */
  readonly clientId: string;
  /** What it calls its machine. */
  readonly name: string;
  readonly address: string;
}

export interface NewDeviceCodes {
  readonly deviceCode: Sensitive<string>;
  readonly userCode: string;
}

/**
 * Lets a program ask to be signed in: it keeps the device code, a person types the user code. Nothing is known of either,
 * so nothing is told in the log. Throws RATE_LIMITED for too many from one address, BAD_USER_INPUT for what is no name.
 */
export async function beginDeviceAuthorization(
  { prisma, clock, random, sealer, rateLimits }: Core & { readonly rateLimits: RateLimits },
  { clientId, name, address }: DeviceAuthorizationRequest,
): Promise<NewDeviceCodes> {
  for (const [field, text] of Object.entries({ client_id: clientId, device_name: name })) {
    const problem = textProblem(text, { name: field, max: LONGEST_NAME });
    if (problem !== null) throw badUserInput(problem);
  }
  rateLimits.attemptDevice(address);
  const deviceCode = new Sensitive(Buffer.from(random(32)).toString('base64url'));
  for (let drawn = 0; drawn < DRAWS_MAX; drawn += 1) {
    const userCode = newUserCode(random);
    const now = clock.now();
    const row = {
      id: newId('device', now, random),
      digest: digestDeviceCode(deviceCode),
      userDigest: digestUserCode(sealer, userCode),
      clientId,
      name,
      address,
      createdAt: now,
      expiresAt: addMs(now, DEVICE_LIFETIME_MS),
      intervalSeconds: POLL_INTERVAL_SECONDS,
    };
    const { count } = await prisma.device.createMany({ data: row, skipDuplicates: true });
    if (count === 1) return { deviceCode, userCode };
  }
  throw new Error(`Each of ${String(DRAWS_MAX)} user codes that were drawn is taken.`);
}

/** What the row of a device is found by. The code is 256 random bits: a plain digest will do. */
export function digestDeviceCode(deviceCode: Sensitive<string>): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', deviceCode.reveal(), 'buffer'));
}
