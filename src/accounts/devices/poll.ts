import type { Device } from '../../../prisma/generated/client/client.ts';
import type { SessionTokens } from '../session-tokens.ts';
import { hasCome } from '../../domain/key.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { change } from '../../log/change.ts';
import type { Core } from '../../store/core.ts';
import { digestDeviceCode } from './begin.ts';
import { lockDevice } from './pending-device.ts';

/** By how many seconds the interval grows when a device polls too soon (RFC 8628, section 3.5). */
const SLOW_DOWN_SECONDS = 5;
const LONGEST_INTERVAL_SECONDS = 60;

/** The errors that a poll returns: those of RFC 8628, section 3.5, and of RFC 6749, section 5.2. */
export type PollError = 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant';

export type PollResult =
  { readonly error: PollError } | { readonly token: Sensitive<string>; readonly expiresAt: Date; readonly now: Date };

type Services = Core & { readonly sessionTokens: SessionTokens };

/**
 * Returns the state of the device with a device code: pending, refused, expired, or the token of its session, which is
 * issued once. An unknown code, a used code and a code of another program give the same error.
 */
export async function pollDeviceAuthorization(
  services: Services,
  deviceCode: Sensitive<string>,
  clientId: string,
): Promise<PollResult> {
  const found = await services.prisma.device.findUnique({ where: { digest: digestDeviceCode(deviceCode) } });
  if (found === null || found.clientId !== clientId || found.takenAt !== null) return { error: 'invalid_grant' };
  if (found.decidedAt !== null && found.sessionId === null) return { error: 'access_denied' };
  if (hasCome(found.expiresAt, services.clock.now())) return { error: 'expired_token' };
  return found.accountId === null || found.sessionId === null
    ? recordPoll(services, found)
    : issueToken(services, found, { accountId: found.accountId, sessionId: found.sessionId });
}

/** Stores the time of a poll. A poll that comes too soon increases the interval. */
function recordPoll(services: Services, { id }: Device): Promise<PollResult> {
  return change(services, async (change) => {
    const { tx, now } = change;
    const device = await lockDevice(change, { id });
    const at = now();
    const { polledAt = null, intervalSeconds = 0 } = device ?? {};
    const isTooSoon = polledAt !== null && at.getTime() - polledAt.getTime() < intervalSeconds * 1000;
    const slower = Math.min(LONGEST_INTERVAL_SECONDS, intervalSeconds + SLOW_DOWN_SECONDS);
    const data = { polledAt: at, ...(isTooSoon && { intervalSeconds: slower }) };
    await tx.device.updateMany({ where: { id }, data });
    return { error: isTooSoon ? 'slow_down' : 'authorization_pending' };
  });
}

/**
 * Issues the token; of concurrent polls only one gets it. The token lasts as long as the session that the confirmation
 * began.
 */
async function issueToken(
  services: Services,
  { id }: Device,
  { accountId, sessionId }: { readonly accountId: string; readonly sessionId: string },
): Promise<PollResult> {
  const session = await services.prisma.session.findUnique({ where: { id: sessionId } });
  if (session === null) return { error: 'access_denied' };
  const { token, expiresAt } = await services.sessionTokens.sign({ accountId, sessionId, until: session.expiresAt });
  return change(services, async ({ tx, now }) => {
    const at = now();
    const { count } = await tx.device.updateMany({ where: { id, takenAt: null }, data: { takenAt: at } });
    if (count === 0) return { error: 'invalid_grant' };
    const isOpen = (await tx.session.count({ where: { id: sessionId, endedAt: null, expiresAt: { gt: at } } })) > 0;
    return isOpen ? { token: new Sensitive(token), expiresAt, now: at } : { error: 'access_denied' };
  });
}
