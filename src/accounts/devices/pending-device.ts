import type { Device } from '../../../prisma/generated/client/client.ts';
import { SESSION_LIFETIME_MS } from '../session-tokens.ts';
import { beginSession } from '../sign-in.ts';
import { fail, type Failure } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import { earliest, hasCome, addMs } from '../../domain/key.ts';
import type { Change } from '../../log/change.ts';

/** The account that decides. `passwordHash` is set if the decision depends on that password. */
export interface Decider {
  readonly id: string;
  readonly name: string;
  readonly passwordHash?: string;
}

/** A device on which a decision was made. */
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

/** Identifies a device by the digest of its user code, or by its id. */
export type DeviceLookup = { readonly userDigest: Uint8Array<ArrayBuffer> } | { readonly id: string };

/** Locks a device in any state and returns it; null: it does not exist. */
export async function lockDevice({ tx }: Change, lookup: DeviceLookup): Promise<Device | null> {
  const found = await tx.device.findUnique({ where: lookup, select: { id: true } });
  if (found === null) return null;
  await tx.$queryRaw`SELECT 1 FROM "Device" WHERE id = ${found.id} FOR UPDATE`;
  return tx.device.findUnique({ where: { id: found.id } });
}

/** Returns whether a device still waits for a decision. */
export function isPending({ decidedAt, expiresAt }: Pick<Device, 'decidedAt' | 'expiresAt'>, now: Date): boolean {
  return decidedAt === null && !hasCome(expiresAt, now);
}

/**
 * Begins a session of an account for a locked, pending device. It lasts 12 hours, or to `until` if that is earlier. The
 * device fetches the token later; ending all sessions of the account ends this one too, fetched or not. Returns when
 * the session ends; null: the account was disabled, or its password has changed.
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
  // In whole seconds, as in the token's `exp`.
  const fullLifetime = new Date(Math.floor(addMs(at, SESSION_LIFETIME_MS).getTime() / 1000) * 1000);
  const expiresAt = earliest(fullLifetime, until) ?? fullLifetime;
  if (!(await beginSession(change, decider, { sessionId, expiresAt, at, data }))) return null;
  await tx.device.update({ where: { id: device.id }, data: { decidedAt: at, accountId: decider.id, sessionId } });
  return expiresAt;
}

/** Refuses a locked, pending device for good. */
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

/** Returns the failure for a code without a pending device: it is unknown, was decided on, or has expired. */
export function deviceNotFound(): Failure<'DeviceNotFound'> {
  return fail('DeviceNotFound', 'No device is waiting for this code: it is wrong, was used before, or has expired.', {
    path: ['input', 'userCode'],
  });
}
