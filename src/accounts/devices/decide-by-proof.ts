import { hash } from 'node:crypto';
import type { Account, Device } from '../../../prisma/generated/client/client.ts';
import { authenticatePassword, type SignInInput, type SignInServices } from '../sign-in.ts';
import { isFailure, type Failure } from '../../domain/failure.ts';
import { change } from '../../log/change.ts';
import type { Core } from '../../store/core.ts';
import { SealError } from '../../store/sealing.ts';
import { confirmPendingDevice, isPending, lockDevice, deviceNotFound, refusePendingDevice } from './pending-device.ts';
import { digestUserCode } from './user-code.ts';

/**
 * Binds sealed proofs to this purpose: they open for no other, and nothing sealed for another purpose opens as a proof.
 */
const CONTEXT = 'device decision';

/** In characters; a proof has about 250. */
const PROOF_LENGTH_MAX = 1_000;

/** A device as it is shown to the person who decides, and the proof that this person signed in for it. */
export interface DeviceQuestion {
  readonly device: Pick<Device, 'name' | 'clientId' | 'address' | 'createdAt'>;
  readonly accountName: string;
  readonly proof: string;
}

type Services = Omit<SignInServices, 'sessionTokens'>;

interface DecisionProof {
  readonly accountId: string;
  readonly deviceId: string;
  readonly password: string;
}

/**
 * Returns the pending device with a user code to a person who gives an email and a password, with a proof for the
 * decision. The proof is valid for this device only, while the device is pending and the password does not change.
 * Throws the errors of `signIn`, and RATE_LIMITED after too many wrong codes.
 */
export async function showDevice(
  services: Services,
  userCode: string,
  person: SignInInput,
): Promise<DeviceQuestion | Failure<'InvalidCredentials' | 'DeviceNotFound'>> {
  const account = await authenticatePassword(services, person);
  if (isFailure(account)) return account;
  const attempt = services.rateLimits.attemptUserCode(account.id, person.address);
  const where = { userDigest: digestUserCode(services.sealer, userCode) };
  const device = await services.prisma.device.findUnique({ where });
  if (device === null || !isPending(device, services.clock.now())) return deviceNotFound();
  attempt.found();
  const proven: DecisionProof = { accountId: account.id, deviceId: device.id, password: fingerprintPassword(account) };
  const proof = Buffer.from(services.sealer.seal(JSON.stringify(proven), CONTEXT)).toString('base64url');
  return { device, accountName: account.name, proof };
}

/** Confirms or refuses the device of a proof. */
export async function decideDevice(
  core: Core,
  proof: string,
  decision: 'CONFIRM' | 'REFUSE',
): Promise<{ readonly deviceName: string } | Failure<'DeviceNotFound'>> {
  const proven = readProof(core, proof);
  if (proven === null) return deviceNotFound();
  return change(core, async (change) => {
    const device = await lockDevice(change, { id: proven.deviceId });
    const account = await change.tx.account.findUnique({ where: { id: proven.accountId } });
    if (device === null || !isPending(device, change.now())) return deviceNotFound();
    if (account === null || account.disabledAt !== null || fingerprintPassword(account) !== proven.password)
      return deviceNotFound();
    if (decision === 'REFUSE') await refusePendingDevice(change, device, account);
    else if ((await confirmPendingDevice(change, device, account)) === null) return deviceNotFound();
    return { deviceName: device.name };
  });
}

function readProof({ sealer }: Core, proof: string): DecisionProof | null {
  if (proof.length > PROOF_LENGTH_MAX || !/^[\w-]+$/.test(proof)) return null;
  try {
    return JSON.parse(sealer.open(Buffer.from(proof, 'base64url'), CONTEXT)) as DecisionProof;
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** Returns a digest that changes with the password and reveals nothing about it. */
function fingerprintPassword({ passwordHash }: Pick<Account, 'passwordHash'>): string {
  return hash('sha256', passwordHash, 'base64url');
}
