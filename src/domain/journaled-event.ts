import type { EventType } from './event.ts';

/**
 * The events after which something may be refused that was accepted before, and those that take that back. A restored
 * backup does not know them; the journal of revocations does.
 */
const journaled = [
  'KEY_HELD',
  'KEY_RESUMED',
  'KEY_REVOKED',
  'KEY_EXPIRED',
  'KEY_RENEWED',
  'KEY_UPDATED',
  'KEY_TRANSFERRED',
  'KEY_ROTATION_STARTED',
  'KEY_ROTATION_COMPLETED',
  'KEY_ROTATION_UNDONE',
  'KEY_ROTATION_STALLED',
  'ACCOUNT_SIGNED_OUT',
  'ACCOUNT_PASSWORD_CHANGED',
  'ACCOUNT_DISABLED',
  'ACCOUNT_ENABLED',
  'ACCOUNT_ADMINISTRATOR_CHANGED',
  'ORGANIZATION_MEMBER_CHANGED',
  'SUBJECT_DISABLED',
  'SUBJECT_ENABLED',
  'SUBJECT_REMOVED',
  'PORTAL_SESSIONS_ENDED',
  'WEBHOOK_ENDED',
  'ISSUER_DISTRUSTED',
  'TOKEN_RULE_REMOVED',
] as const satisfies readonly EventType[];

export type JournaledType = (typeof journaled)[number];

export const journaledTypes: readonly JournaledType[] = journaled;

/** Returns whether an event is written to the journal of revocations. */
export function isJournaledType(type: string): type is JournaledType {
  return (journaled as readonly string[]).includes(type);
}
