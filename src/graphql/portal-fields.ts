/**
 * What a portal session may select, of the types that have more than keys of its subject. Every other field of these types is
 * refused, so that a new field of Query or Realm is not shown to customers unless it is added here. Which keys and events it gets
 * is decided by the permissions, as for every caller.
 */
const selectable: Readonly<Record<string, readonly string[]>> = {
  Query: ['forecast', 'issueBounds', 'key', 'keyCount', 'keys', 'logCursor', 'node', 'portalSession', 'realm'],
  Mutation: ['confirmRotation', 'issueKey', 'renewKey', 'revokeKey', 'rotateKey', 'undoRotation'],
  Subscription: ['events', 'expiring'],
  Realm: [
    'actions',
    'foldsCase',
    'id',
    'longestLifetime',
    'minimumNotice',
    'name',
    'secretPattern',
    'secretPrefix',
    'shortestLifetime',
    'slug',
  ],
  Subject: ['externalId', 'id', 'keys', 'name', 'realm'],
};

/** Whether a portal session may select a field of a type. */
export function isForPortals(typeName: string, fieldName: string): boolean {
  return selectable[typeName]?.includes(fieldName) ?? true;
}

/** The fields that a portal session may select, for tests. */
export function listPortalFields(): readonly string[] {
  return Object.entries(selectable).flatMap(([type, fields]) => fields.map((field) => `${type}.${field}`));
}
