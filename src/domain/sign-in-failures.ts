import type { FailureRow } from './failure-row.ts';

/** Failures of changes of signing in, devices and invitations. */
export const signInFailures = {
  InvalidCredentials: {
    code: 'INVALID_CREDENTIALS',
    retry: 'NEVER',
    remedy: 'Check the email address and the password.',
  },
  DeviceNotFound: {
    code: 'DEVICE_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Enter the code that the terminal shows. If it is older than 10 minutes, request a new one.',
  },
  PasswordNotAllowed: { code: 'PASSWORD_NOT_ALLOWED', retry: 'NEVER', remedy: 'Choose another password.' },
  InvitationNotFound: {
    code: 'INVITATION_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Request a new invitation: each can be used once, within 7 days.',
  },
  EmailTaken: { code: 'EMAIL_TAKEN', retry: 'NEVER', remedy: 'Sign in to the account with this email address.' },
} as const satisfies Record<string, FailureRow>;
