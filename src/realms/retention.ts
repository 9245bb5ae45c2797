import { retainForEver, type RetentionByTable } from '../store/retention-rule.ts';

const untilReplaced = (why: string) =>
  [{ rows: 'all', until: 'until an administrator replaces the list', why }] as const;

export const realmRetention = {
  Realm: retainForEver('Keys, bindings and events name the realm.'),
  Freeze: untilReplaced('The calendar in force. The log has the earlier calendars.'),
  Action: retainForEver('Scopes of old keys name retired actions too.'),
  SecretPrefix: retainForEver('Secrets with an earlier prefix may still work, and no other realm gets it.'),
  Ceiling: untilReplaced('The ceilings in force. The log has the earlier ceilings.'),
} satisfies RetentionByTable;
