import type { FailureRow } from './failure-row.ts';

/** Failures of changes of owners: accounts, organizations and subjects. */
export const ownerFailures = {
  OwnerNotFound: {
    code: 'OWNER_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Give the id of your account or of one of your organizations.',
  },
  OwnerNotActive: {
    code: 'OWNER_NOT_ACTIVE',
    retry: 'NEVER',
    remedy: 'Choose an owner whose account is not disabled.',
  },
  SubjectNotFound: {
    code: 'SUBJECT_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the external id, which is compared exactly, or make the subject with upsertSubject.',
  },
  SubjectNotActive: { code: 'SUBJECT_NOT_ACTIVE', retry: 'NEVER', remedy: 'Enable the subject first.' },
  OrganizationNotFound: {
    code: 'ORGANIZATION_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the id, and that you are a member of the organization.',
  },
  AccountNotFound: { code: 'ACCOUNT_NOT_FOUND', retry: 'NEVER', remedy: 'Check the id.' },
  LastOwner: { code: 'LAST_OWNER', retry: 'NEVER', remedy: 'Give another member the role OWNER first.' },
  LastAdministrator: { code: 'LAST_ADMINISTRATOR', retry: 'NEVER', remedy: 'Invite another administrator first.' },
} as const satisfies Record<string, FailureRow>;
