import { eventTypes } from '../domain/event.ts';
import { outcomes } from '../domain/verification.ts';
import { presetNames } from '../issuers/presets/presets.ts';
import { tokenProblems, type TokenProblem } from '../issuers/refused-token.ts';
import { leakResponses } from '../realms/check-realm-settings.ts';
import { builder } from './builder.ts';

export const KeyStateEnum = builder.enumType('KeyState', {
  description: 'What a key is at present. REVOKED is final; EXPIRED can be renewed for 30 days by who manages the key.',
  values: ['ACTIVE', 'HELD', 'EXPIRED', 'REVOKED'] as const,
});

export const StandingEnum = builder.enumType('Standing', {
  description: 'What dormancy says of a key.',
  values: ['ACTIVE', 'WARNED', 'HELD', 'EXPIRED'] as const,
});

export const StopBasisEnum = builder.enumType('StopBasis', {
  description: 'HARD: time alone decides. BY_USE: a use moves it.',
  values: ['HARD', 'BY_USE'] as const,
});

export const RenewalModeEnum = builder.enumType('RenewalMode', {
  description: 'EXTEND keeps the secret; ROTATE replaces it.',
  values: ['EXTEND', 'ROTATE'] as const,
});

export const OutcomeEnum = builder.enumType('Outcome', {
  description:
    'The answers of a verification. KEY_UNKNOWN is all that anybody learns who does not hold a whole secret.',
  values: ['VALID', ...outcomes.filter((outcome) => outcome !== 'VALID')] as const,
});

export const RoleEnum = builder.enumType('Role', {
  description: 'What an account is in an organization.',
  values: ['OWNER', 'ADMIN', 'MEMBER'] as const,
});

export const LeakResponseEnum = builder.enumType('LeakResponse', {
  description:
    'What becomes of a key whose secret is reported as leaked. HOLD: it is suspended until somebody resumes it. REVOKE: it ends for good.',
  values: leakResponses,
});

export const TokenPresetEnum = builder.enumType('TokenPreset', {
  description: 'Providers of jobs of which it is known beforehand what their tokens say.',
  values: presetNames,
});

export const TokenProblemEnum = builder.enumType('TokenProblem', {
  description: 'Why a token is not taken.',
  values: Object.fromEntries(Object.entries(tokenProblems).map(([name, description]) => [name, { description }])) as {
    readonly [Name in TokenProblem]: { readonly description: string };
  },
});

export const EventTypeEnum = builder.enumType('EventType', {
  description: 'What an event tells of.',
  values: eventTypes,
});
