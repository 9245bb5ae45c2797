import type { StoredWarning, VerificationWarning, WarningCode } from '../../domain/verification-warning.ts';
import { describeWarnings, noWarnings } from '../../domain/verification-warning.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';

const codeDescriptions: Readonly<Record<WarningCode, string>> = {
  WILL_STOP: 'Nothing stops the key today. An announced change of policy will stop it.',
  WILL_STOP_SOONER: 'An announced change of policy will stop the key earlier than the rules of today.',
  BROWNOUT_AHEAD:
    'The key is enrolled in an announced brownout: for at most 15 minutes it will be refused, to show who still uses it.',
};

const WarningCodeEnum = builder.enumType('WarningCode', {
  description: 'What a verification warns of.',
  values: describeValues(codeDescriptions),
});

export const VerificationWarningRef = builder.objectRef<VerificationWarning>('VerificationWarning').implement({
  description:
    'An announced change that has not reached a key yet. An API may pass it on to its client, with the code and the date alone.',
  fields: (t) => ({
    code: t.expose('code', { type: WarningCodeEnum, description: 'What will happen, for programs.' }),
    message: t.exposeString('message', { description: 'What will happen, and what to do, for people.' }),
    from: t.expose('from', {
      type: 'DateTime',
      description: 'The beginning of the day (UTC) on which it will happen.',
    }),
  }),
});

/** Returns the warnings of a key’s row. */
export function warningsOfRow({ warnings }: { readonly warnings: unknown }): VerificationWarning[] {
  return [...describeWarnings((warnings as readonly StoredWarning[] | null) ?? noWarnings)];
}
