import { hash } from 'node:crypto';
import { MINUTE_MS } from '../../domain/duration.ts';
import { newId } from '../../domain/id.ts';
import { addMs } from '../../domain/key.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { textProblem } from '../../domain/text.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { Core } from '../../store/core.ts';
import { newUserCode, digestUserCode } from './user-code.ts';

/** How long a device can be confirmed and its token be fetched. */
export const DEVICE_LIFETIME_MS = 10 * MINUTE_MS;

/** How long a device must wait between two polls, in seconds (the default of RFC 8628, section 3.2). */
export const POLL_INTERVAL_SECONDS = 5;

/** The longest name of a program and of a machine, in characters. */
const LONGEST_NAME = 100;

/** How many user codes are drawn before giving up, as a drawn code may be in use. */
const DRAWS_MAX = 10;

export interface DeviceAuthorizationRequest {
  /** The name of the program that requests the sign-in. */
  readonly clientId: string;
  /** The program's name for its machine. */
  readonly name: string;
  readonly address: string;
}

export interface NewDeviceCodes {
  readonly deviceCode: Sensitive<string>;
  readonly userCode: string;
}

/**
 * Starts the device authorization of a program (RFC 8628). The program keeps the device code; a person enters the user
 * code. No account is involved yet, so no event is recorded. Throws RATE_LIMITED for too many requests from one
 * address, and BAD_USER_INPUT for a malformed name.
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
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
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
  throw new Error(`All of the ${String(DRAWS_MAX)} user codes that were drawn are in use.`);
}

/** Returns the digest by which a device's row is found. A plain digest suffices, as the code has 256 random bits. */
export function digestDeviceCode(deviceCode: Sensitive<string>): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', deviceCode.reveal(), 'buffer'));
}
