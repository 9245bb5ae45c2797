import type { Device } from '../../prisma/generated/client/client.ts';
import type { SessionTokens } from '../accounts/session-tokens.ts';
import { hasCome } from '../domain/key.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
import { digestDeviceCode } from './begin.ts';
import { lockDevice } from './pending-device.ts';

/** What a poll adds to the interval of a device that polls too soon, in seconds (RFC 8628, section 3.5). */
const SLOW_DOWN_SECONDS = 5;
const LONGEST_INTERVAL_SECONDS = 60;

/** What a device is told: the errors of RFC 8628, section 3.5, and of RFC 6749, section 5.2. */
export type PollError = 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant';

export type PollResult =
  { readonly error: PollError } | { readonly token: Sensitive<string>; readonly expiresAt: Date; readonly now: Date };

type Services = Core & { readonly sessionTokens: SessionTokens };

/**
 * What a device that has a device code is to know: that it is to wait, that it was refused or is too late, or the token of
 * its session, once. A code that there is not, that was used or is another program's is one and the same.
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

/** Notes the poll; one that comes too soon makes those to come slower. */
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

/** Hands the token out, to one of those who ask at once. It is good for as long as the session that began when it was confirmed. */
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
