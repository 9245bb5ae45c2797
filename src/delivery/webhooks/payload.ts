import type { Event } from '../../../prisma/generated/client/client.ts';
import { encodeCursor } from '../../log/cursor.ts';

/**
 * What is sent of an event: as JSON, in the form that Standard Webhooks 1.0.0 recommends ("Payload structure"), with the
 * event in `data` under the names that GraphQL has for it. The same bytes at every attempt.
 */
export function webhookPayload(event: Event, realm: string | null): string {
  const { id, type, keyId, ownerId, reason, data } = event;
  const at = event.at.toISOString();
  return JSON.stringify({
    type,
    timestamp: at,
    data: {
      id,
      cursor: encodeCursor(event.position),
      type,
      at,
      recordedAt: event.recordedAt.toISOString(),
      keyId,
      realm,
      ownerId,
      actor: { kind: event.actorKind, id: event.actorId, name: event.actorName },
      reason,
      data,
    },
  });
}
