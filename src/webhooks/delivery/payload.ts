import type { Event } from '../../../prisma/generated/client/client.ts';
import { encodeCursor } from '../../log/cursor.ts';

/**
 * Returns the payload of an event as JSON, in the structure that Standard Webhooks 1.0.0 recommends ("Payload
 * structure"). `data` is the event, with the field names of GraphQL. The bytes are the same at every attempt.
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
