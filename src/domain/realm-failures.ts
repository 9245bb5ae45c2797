import type { FailureRow } from './failure-row.ts';

/** Failures of changes of realms and their actions. */
export const realmFailures = {
  RealmNotFound: { code: 'REALM_NOT_FOUND', retry: 'NEVER', remedy: 'Check the realm’s slug.' },
  RealmExists: { code: 'REALM_EXISTS', retry: 'NEVER', remedy: 'Choose another slug.' },
  SecretPrefixTaken: {
    code: 'SECRET_PREFIX_TAKEN',
    retry: 'NEVER',
    remedy: 'Choose another prefix. A prefix belongs to one realm for ever, even if that realm no longer uses it.',
  },
  RealmChanged: {
    code: 'REALM_CHANGED',
    retry: 'NEVER',
    remedy: 'Read the realm again, and send the change with its new settingsVersion.',
  },
  ActionNotFound: { code: 'ACTION_NOT_FOUND', retry: 'NEVER', remedy: 'Check the name in the realm’s catalogue.' },
  ActionExists: { code: 'ACTION_EXISTS', retry: 'NEVER', remedy: 'Use the existing action.' },
} as const satisfies Record<string, FailureRow>;
