import type { Role } from '../domain/caller.ts';
import type { JournaledType } from '../domain/journaled-event.ts';
import type { Change } from '../log/change.ts';
import type { Transaction } from '../store/core.ts';
import { erasedSubject } from '../keys/erased-subject.ts';
import { idleColumns } from '../webhooks/stored-webhook.ts';
import type { JournaledEvent } from './journal-entry.ts';

/** The password hash of an account that has to reset its password: no password matches it. */
const NO_PASSWORD = '$argon2id$v=19$m=19456,p=1,t=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** Takes back what an event that is not about a key took back. Returns how many rows changed. */
type Replay = (
  tx: Transaction,
  event: JournaledEvent,
  data: Record<string, string | null>,
) => Promise<{ count: number }>;

const replays: { readonly [Type in Exclude<JournaledType, `KEY_${string}`>]: Replay } = {
  ACCOUNT_SIGNED_OUT: (tx, { at }, { sessionId }) =>
    tx.session.updateMany({ where: { id: sessionId ?? '', endedAt: null }, data: { endedAt: new Date(at) } }),
  // The new password is in no journal: the account must reset it.
  ACCOUNT_PASSWORD_CHANGED: (tx, { ownerId }) =>
    tx.account.updateMany({
      where: { id: ownerId ?? '', passwordHash: { not: NO_PASSWORD } },
      data: { passwordHash: NO_PASSWORD },
    }),
  ACCOUNT_DISABLED: (tx, { ownerId, at }) =>
    tx.account.updateMany({ where: { id: ownerId ?? '', disabledAt: null }, data: { disabledAt: new Date(at) } }),
  ACCOUNT_ENABLED: (tx, { ownerId }) =>
    tx.account.updateMany({ where: { id: ownerId ?? '', disabledAt: { not: null } }, data: { disabledAt: null } }),
  ACCOUNT_ADMINISTRATOR_CHANGED: (tx, event) => {
    const { isAdministrator } = event.data as { readonly isAdministrator?: boolean };
    const is = isAdministrator === true;
    return tx.account.updateMany({
      where: { id: event.ownerId ?? '', isAdministrator: !is },
      data: { isAdministrator: is },
    });
  },
  ORGANIZATION_MEMBER_CHANGED: (tx, { ownerId }, { accountId, to }) => {
    const where = { organizationId: ownerId ?? '', accountId: accountId ?? '' };
    if (to == null) return tx.membership.deleteMany({ where });
    return tx.membership.updateMany({ where: { ...where, role: { not: to as Role } }, data: { role: to as Role } });
  },
  SUBJECT_DISABLED: async (tx, event) => {
    const id = event.ownerId ?? '';
    const disabled = await tx.subject.updateMany({
      where: { id, disabledAt: null },
      data: { disabledAt: new Date(event.at) },
    });
    const sessions = await endPortalSessionsOf(tx, event);
    // Events of earlier releases do not say who disabled the subject: its API may enable it again.
    const { isByAdministrator } = event.data as { readonly isByAdministrator?: boolean };
    const taken = isByAdministrator === true ? await takeSubjectOver(tx, id, event) : { count: 0 };
    return { count: disabled.count + sessions.count + taken.count };
  },
  SUBJECT_ENABLED: (tx, { ownerId }) =>
    tx.subject.updateMany({
      where: { id: ownerId ?? '', disabledAt: { not: null }, removedAt: null },
      data: { disabledAt: null, isDisabledByAdministrator: false },
    }),
  // What names the subject was erased, and is erased again.
  SUBJECT_REMOVED: async (tx, event) => {
    const removed = await tx.subject.updateMany({
      where: { id: event.ownerId ?? '', removedAt: null },
      data: { ...erasedSubject, removedAt: new Date(event.at) },
    });
    const sessions = await endPortalSessionsOf(tx, event);
    return { count: removed.count + sessions.count };
  },
  PORTAL_SESSIONS_ENDED: endPortalSessionsOf,
  WEBHOOK_ENDED: async (tx, { at, reason }, { webhookId }) => {
    const id = webhookId ?? '';
    const endedAt = new Date(at);
    const ended = { state: 'ENDED', reason, endedAt, changedAt: endedAt, ...idleColumns } as const;
    const result = await tx.webhook.updateMany({ where: { id, endedAt: null }, data: ended });
    await tx.webhookSecret.deleteMany({ where: { webhookId: id } });
    await tx.webhookDelivery.deleteMany({ where: { webhookId: id } });
    return result;
  },
  ISSUER_DISTRUSTED: (tx, { at }, { issuerId }) =>
    tx.trustedIssuer.updateMany({
      where: { id: issuerId ?? '', distrustedAt: null },
      data: { distrustedAt: new Date(at), changedAt: new Date(at) },
    }),
  TOKEN_RULE_REMOVED: (tx, { at }, { ruleId }) =>
    tx.tokenRule.updateMany({
      where: { id: ruleId ?? '', removedAt: null },
      data: { removedAt: new Date(at), changedAt: new Date(at) },
    }),
};

/** Ends the portal sessions that a subject had at an event. */
function endPortalSessionsOf(tx: Transaction, { ownerId, at }: JournaledEvent): Promise<{ count: number }> {
  return tx.portalSession.updateMany({
    where: { subjectId: ownerId ?? '', createdAt: { lte: new Date(at) }, endedAt: null },
    data: { endedAt: new Date(at), codeDigest: null, sealedToken: null },
  });
}

/** Makes a disabled subject one that an administrator disabled, with the holds of its API. */
async function takeSubjectOver(tx: Transaction, id: string, { at, actorName, reason }: JournaledEvent) {
  await tx.hold.updateMany({
    where: { sourceId: id, source: 'MANAGER', since: { lte: new Date(at) } },
    data: { source: 'ADMINISTRATOR', sourceName: actorName ?? '', reason: reason ?? '' },
  });
  return tx.subject.updateMany({
    where: { id, isDisabledByAdministrator: false },
    data: { isDisabledByAdministrator: true },
  });
}

/** Replays an event that is not about a key. Returns whether anything changed. */
export async function replayEvent({ tx }: Change, event: JournaledEvent): Promise<boolean> {
  if (!Object.hasOwn(replays, event.type)) return false;
  const replay = replays[event.type as keyof typeof replays];
  return (await replay(tx, event, event.data as Record<string, string | null>)).count > 0;
}

/**
 * Ends all sessions, logins of devices and open invitations of the restored copy. Some may have ended since the backup, and
 * the journal does not contain them. People sign in again, and are invited again.
 */
export async function endSessions({ tx, now }: Change): Promise<number> {
  const at = now();
  const { count } = await tx.session.updateMany({ where: { endedAt: null }, data: { endedAt: at } });
  await tx.device.deleteMany({ where: { takenAt: null } });
  await tx.$executeRaw`
    UPDATE "Invitation" SET "expiresAt" = greatest(${at}, "createdAt" + interval '1 ms')
    WHERE "acceptedAt" IS NULL AND "expiresAt" > ${at}`;
  await tx.membershipInvitation.deleteMany({});
  return count;
}
