import type { Subject } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { isManaging } from '../domain/permission.ts';
import { liveKeys } from '../keys/live-keys.ts';
import { bringUpToDate, hasEnded } from '../keys/lock-key-for-caller.ts';
import { lockKeys } from '../keys/lock-key.ts';
import { deleteHolds, placeHolds } from '../keys/write-holds.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { wakeKeysOf } from '../policies/wake-keys.ts';
import { endSessionsOf } from './end-portal-sessions.ts';
import { lockSubject, type SubjectName } from './lock-subject.ts';

export interface DisableSubjectInput extends SubjectName {
  /** False: enables the subject again. */
  readonly isDisabled: boolean;
  readonly reason: string;
}

/**
 * Disables a subject: its keys are held and its portal sessions end at once, and no keys are issued for it. Enabling it again lifts these holds, and
 * no others. Only an administrator enables a subject that an administrator disabled.
 */
export const disableSubject = useCase<DisableSubjectInput, Subject, { readonly subjectId: string }>()({
  name: 'disableSubject',
  guessable: ['externalId'],

  async authorize(change, caller, input) {
    checkText('reason', input.reason, LONGEST_REASON);
    return lockSubject(change, caller, input);
  },

  async run(change, caller, { isDisabled, reason }, subject) {
    const { id, realmId, disabledAt } = subject;
    const isByAdministrator = !isManaging(caller, id, realmId);
    if (isDisabled && disabledAt !== null) {
      if (isByAdministrator && !subject.isDisabledByAdministrator) await takeOver(change, caller, subject, reason);
      return { subjectId: id };
    }
    if (isDisabled === (disabledAt !== null)) return { subjectId: id };
    if (!isDisabled && subject.isDisabledByAdministrator && !isByAdministrator) {
      return fail('SubjectNotActive', 'An administrator disabled the subject.', {
        remedy: 'Ask an administrator of the gateway to enable it.',
      });
    }
    const at = change.now();
    const isDisabledByAdministrator = isDisabled && isByAdministrator;
    await change.tx.subject.update({
      where: { id },
      data: { disabledAt: isDisabled ? at : null, isDisabledByAdministrator },
    });
    if (isDisabled) await endSessionsOf(change, id);
    const keyCount = isDisabled
      ? await holdKeys(change, caller, subject, reason)
      : await resumeKeys(change, caller, subject, reason);
    await wakeKeysOf(change, id, at, { onlyDormant: false });
    const about = { at, realmId, ownerId: id, actor: actorOf(caller), reason };
    if (isDisabled) {
      change.record({ type: 'SUBJECT_DISABLED', ...about, data: { keyCount, isByAdministrator } });
    } else change.record({ type: 'SUBJECT_ENABLED', ...about, data: { keyCount } });
    return { subjectId: id };
  },
});

/** Makes a subject that its backend disabled one that an administrator disabled: only an administrator enables it again. */
async function takeOver(change: Change, caller: Caller, { id, realmId }: Subject, reason: string): Promise<void> {
  const { tx } = change;
  await tx.subject.update({ where: { id }, data: { isDisabledByAdministrator: true }, select: { id: true } });
  const keys = await lockLiveKeys(change, id);
  const held = keys.filter(({ holds }) => holds.some(({ sourceId }) => sourceId === id)).map((key) => key.id);
  const actor = actorOf(caller);
  await tx.hold.updateMany({
    where: { keyId: { in: held }, sourceId: id },
    data: { source: 'ADMINISTRATOR', sourceName: actor.name ?? '', reason },
  });
  change.noteQuietly(...held);
  const data = { keyCount: held.length, isByAdministrator: true };
  change.record({ type: 'SUBJECT_DISABLED', at: change.now(), realmId, ownerId: id, actor, reason, data });
}

/** Locks the keys of a subject that have not ended, each in its present state. */
export async function lockLiveKeys(change: Change, subjectId: string) {
  const { tx } = change;
  const where = { subjectId, ...liveKeys(change.now()) };
  const ids = (await tx.key.findMany({ where, select: { id: true } })).map(({ id }) => id);
  const keys = [];
  for (const row of ids.length === 0 ? [] : await lockKeys(tx, ids)) {
    // It may have been transferred before it was locked.
    if (row.subjectId !== subjectId) continue;
    const key = await bringUpToDate(change, row);
    if (!hasEnded(key)) keys.push(key);
  }
  return keys;
}

/** Holds all living keys. The id of the subject is the source of such a hold: it is lifted with the subject. */
async function holdKeys(change: Change, caller: Caller, subject: Subject, reason: string): Promise<number> {
  const keys = await lockLiveKeys(change, subject.id);
  const source = isManaging(caller, subject.id, subject.realmId) ? ('MANAGER' as const) : ('ADMINISTRATOR' as const);
  placeHolds(change, actorOf(caller), keys, { source, sourceId: subject.id, reason });
  return keys.length;
}

async function resumeKeys(change: Change, caller: Caller, subject: Subject, reason: string): Promise<number> {
  const keys = await lockLiveKeys(change, subject.id);
  const held = keys
    .map((key) => ({ key, lifted: key.holds.filter(({ sourceId }) => sourceId === subject.id) }))
    .filter(({ lifted }) => lifted.length > 0);
  // The next review moves the stop: policies are not called here.
  deleteHolds(change, caller, held, reason);
  return held.length;
}
