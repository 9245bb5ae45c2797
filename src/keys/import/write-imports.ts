import { hash } from 'node:crypto';
import type { Realm } from '../../../prisma/generated/client/client.ts';
import { actorOf } from '../../domain/event.ts';
import type { EventDraft } from '../../domain/event-detail.ts';
import type { Caller } from '../../domain/caller.ts';
import { newId } from '../../domain/id.ts';
import type { Change } from '../../log/change.ts';
import { judgementRow } from '../../policies/stored-verdicts.ts';
import { ownerColumnsOf } from '../key-row.ts';
import { insertSubjects, listNewSubjects } from '../subject-owner.ts';
import { noteColumns } from '../key-notes.ts';
import { insertKeys, type NewRows } from '../insert-keys.ts';
import { storedLife } from '../draft-keys.ts';
import type { EvaluatedImport } from './evaluate-imports.ts';

/** Writes imported keys, and records KEY_ISSUED of each, with KEY_HELD or KEY_REVOKED where it is, and its first review. */
export async function writeImports(
  change: Change,
  caller: Caller,
  realm: Pick<Realm, 'id'>,
  keys: readonly EvaluatedImport[],
): Promise<void> {
  if (keys.length === 0) return;
  const owners = keys.map(({ owner }) => owner);
  await insertSubjects(change, caller, listNewSubjects(realm.id, owners));
  insertKeys(
    change,
    keys.map((key) => composeImport(change, caller, realm, key)),
  );
  for (const key of keys) change.record(...eventsOf(caller, realm, key));
}

function composeImport(change: Change, caller: Caller, realm: Pick<Realm, 'id'>, key: EvaluatedImport): NewRows {
  const { draft, row, owner, bindsAt, evaluated } = key;
  const { id: keyId, createdAt, importedAt: now, grantedAt, activeAt, lastUsedAt } = draft;
  const { random } = change.core;
  const actor = actorOf(caller);
  const isHeld = row.state === 'HELD';
  return {
    key: {
      id: keyId,
      realmId: realm.id,
      ...ownerColumnsOf(owner),
      name: row.name,
      ...noteColumns(row),
      allowedAddresses: [...row.allowedAddresses],
      scopes: row.scopes.map(({ action, resource }) => ({ action, resource })),
      createdAt,
      notBefore: row.notBefore,
      grantedAt,
      activeAt,
      lastUsedAt,
      bindsAt,
      renewalCount: 0,
      rotationExtended: false,
      revokedAt: row.state === 'REVOKED' ? now : null,
      ...storedLife(key.chosen),
      ...key.columns,
    },
    secret: {
      id: newId('secret', now, random),
      keyId,
      generation: 1,
      // The digest of no secret: the key waits for its own.
      digest: key.stored.digest ?? hash('sha256', random(32), 'buffer'),
      form: key.stored.form,
      start: row.start ?? '',
      createdAt,
      firstUsedAt: lastUsedAt,
      lastUsedAt,
    },
    labels: row.labels.map(({ name, value }) => ({ keyId, name, value })),
    judgement: judgementRow(change.core, keyId, evaluated?.verdicts ?? [], now),
    imported: [
      {
        keyId,
        realmId: realm.id,
        source: row.source,
        externalKeyId: row.externalKeyId,
        rowDigest: row.rowDigest,
        importedAt: now,
        isAnnounced: row.digest === null,
      },
    ],
    holds: isHeld
      ? [
          {
            id: newId('hold', now, random),
            keyId,
            source: 'ADMINISTRATOR',
            sourceId: actor.id ?? '',
            sourceName: actor.name ?? '',
            reason: row.stateReason ?? '',
            since: now,
          },
        ]
      : [],
  };
}

function eventsOf(caller: Caller, realm: Pick<Realm, 'id'>, key: EvaluatedImport): readonly EventDraft[] {
  const { draft, owner, row, bindsAt } = key;
  const { expiresAt, stopsAt, stopsBasis } = key.columns;
  const subject = {
    at: draft.importedAt,
    keyId: draft.id,
    realmId: realm.id,
    ownerId: owner.id,
    actor: actorOf(caller),
  };
  const issued: EventDraft = {
    type: 'KEY_ISSUED',
    ...subject,
    data: {
      expiresAt: expiresAt?.toISOString() ?? null,
      stopsAt: stopsAt?.toISOString() ?? null,
      basis: stopsBasis,
      ...(row.notBefore !== null && { notBefore: row.notBefore.toISOString() }),
      importedFrom: row.source ?? 'unknown',
      ...(row.externalKeyId !== null && { externalKeyId: row.externalKeyId }),
      ...(bindsAt !== null && { bindsAt: bindsAt.toISOString() }),
    },
  };
  const reason = row.stateReason ?? '';
  if (row.state === 'REVOKED') return [issued, { type: 'KEY_REVOKED', ...subject, reason, data: {} }];
  const held: EventDraft = { type: 'KEY_HELD', ...subject, reason, data: { source: 'ADMINISTRATOR' } };
  const reviewed = key.events.map((event) => ({ ...subject, ...event }));
  return [issued, ...(row.state === 'HELD' ? [held] : []), ...reviewed];
}
