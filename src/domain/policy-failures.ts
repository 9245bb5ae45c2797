import type { FailureRow } from './failure-row.ts';

/** Failures of changes of policies, bindings and brakes. */
export const policyFailures = {
  PolicyNotFound: {
    code: 'POLICY_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Query `policies` for the loaded modules.',
  },
  InvalidPolicyConfig: {
    code: 'INVALID_POLICY_CONFIG',
    retry: 'NEVER',
    remedy: 'Change the configuration to match the module’s configSchema.',
    details: { issues: 'ISSUES' },
  },
  BindingNotFound: { code: 'BINDING_NOT_FOUND', retry: 'NEVER', remedy: 'Query the realm’s bindings.' },
  NoticeTooShort: {
    code: 'NOTICE_TOO_SHORT',
    retry: 'NEVER',
    remedy: 'Give at least the required notice, or a written reason in withoutNoticeReason.',
    details: { required: 'DURATION' },
  },
  PreviewOutdated: {
    code: 'PREVIEW_OUTDATED',
    retry: 'NEVER',
    remedy: 'Request the preview again, check it, and retry with its token.',
  },
  BrakeNotFound: { code: 'BRAKE_NOT_FOUND', retry: 'NEVER', remedy: 'Query the realm’s brakes.' },
} as const satisfies Record<string, FailureRow>;
