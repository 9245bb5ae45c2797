import type { Device } from '../../prisma/generated/client/client.ts';
import { SESSION_LIFETIME_MS } from '../accounts/session-tokens.ts';
import { beginSession } from '../accounts/sign-in.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { earliest, hasCome, addMs } from '../domain/key.ts';
import type { Change } from '../log/change.ts';

/** Who decides; with the password that it proved, where it did. */
export interface Decider {
  readonly id: string;
  readonly name: string;
  readonly passwordHash?: string;
}

/** What a device is that was decided on. */
export type DecidedDevice = {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly program: string;
  readonly address: string;
  readonly askedAt: Date;
};

export function decidedDeviceOf({ id, name, clientId, address, createdAt }: Device): DecidedDevice {
  return { deviceId: id, deviceName: name, program: clientId, address, askedAt: createdAt };
}

/** Which device: by the digest of its user code, or by its id. */
export type DeviceLookup = { readonly userDigest: Uint8Array<ArrayBuffer> } | { readonly id: string };

/** Locks a device and gives it, whatever has become of it; null: there is none. */
export async function lockDevice({ tx }: Change, choice: DeviceLookup): Promise<Device | null> {
  const found = await tx.device.findUnique({ where: choice, select: { id: true } });
  if (found === null) return null;
  await tx.$queryRaw`SELECT 1 FROM "Device" WHERE id = ${found.id} FOR UPDATE`;
  return tx.device.findUnique({ where: { id: found.id } });
}

/** Whether a device still waits for somebody to decide. */
export function isPending({ decidedAt, expiresAt }: Pick<Device, 'decidedAt' | 'expiresAt'>, now: Date): boolean {
  return decidedAt === null && !hasCome(expiresAt, now);
}

/**
 * Begins a session of an account for a device that is locked and waits, of 12 hours, or until then; the device fetches its token.
 * What ends all the account's sessions ends this one, whether it was fetched or not. Returns when it ends; null: the account may
 * not any more.
 */
export async function confirmPendingDevice(
  change: Change,
  device: Device,
  decider: Decider,
  until: Date | null = null,
): Promise<Date | null> {
  const { core, tx } = change;
  const at = change.now();
  const sessionId = newId('session', at, core.random);
  const data = { deviceId: device.id, deviceName: device.name };
  // To the second, as tokens have it.
  const whole = new Date(Math.floor(addMs(at, SESSION_LIFETIME_MS).getTime() / 1000) * 1000);
  const expiresAt = earliest(whole, until) ?? whole;
  if (!(await beginSession(change, decider, { sessionId, expiresAt, at, data }))) return null;
  await tx.device.update({ where: { id: device.id }, data: { decidedAt: at, accountId: decider.id, sessionId } });
  return expiresAt;
}

/** Refuses a device that is locked and waits, for good. */
export async function refusePendingDevice(
  { tx, record, now }: Change,
  device: Device,
  { id, name }: Decider,
): Promise<void> {
  const at = now();
  await tx.device.update({ where: { id: device.id }, data: { decidedAt: at, accountId: id } });
  const data = { deviceId: device.id, deviceName: device.name };
  record({ type: 'DEVICE_REFUSED', at, ownerId: id, actor: { kind: 'ACCOUNT', id, name }, data });
}

/** What is answered of a code that nothing waits with: never was, was decided, or is over. */
export function deviceNotFound(): Failure<'DeviceNotFound'> {
  return fail('DeviceNotFound', 'No device waits with this code.', { path: ['input', 'userCode'] });
}
