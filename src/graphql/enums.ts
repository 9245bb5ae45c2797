import type { KeyAutomation } from '../domain/automation.ts';
import { describeDuration } from '../domain/duration.ts';
import type { PortalAction } from '../domain/portal.ts';
import { REVIVAL_MS } from '../domain/life.ts';
import type { Outcome } from '../domain/verification.ts';
import type { PresetName } from '../issuers/presets/presets.ts';
import { tokenProblems } from '../issuers/refused-token.ts';
import type { leakResponses } from '../realms/check-realm-settings.ts';
import { builder } from './builder.ts';
import { describeValues } from './describe-values.ts';
import { eventDescriptions } from './event/event-descriptions.ts';

export const PortalActionEnum = builder.enumType('PortalAction', {
  description: 'What a portal session may allow with the keys of its subject.',
  values: describeValues({
    LIST: 'See the keys.',
    ISSUE: 'Issue keys, with scopes within the ceilings of the subject.',
    RENEW: 'Renew keys. Includes LIST.',
    ROTATE: 'Rotate keys, confirm and undo a rotation. Includes LIST.',
    REVOKE: 'Revoke keys. Includes LIST.',
    EVENTS: 'Read and subscribe to the events of the keys.',
  } satisfies Record<PortalAction, string>),
});

export const KeyStateEnum = builder.enumType('KeyState', {
  description: 'Whether a key works at this moment, and if not, why.',
  values: {
    ACTIVE: { description: 'The key works.' },
    HELD: { description: 'The key is suspended: it is refused until its holds are lifted.' },
    EXPIRED: {
      description: `The key has expired. For ${describeDuration(REVIVAL_MS)} a person who manages it can still renew it, signed in.`,
    },
    REVOKED: { description: 'The key has ended for good. It never works again.' },
  },
});

export const StandingEnum = builder.enumType('Standing', {
  description: 'The dormancy state of a key: what dormancy policies have decided because it is unused.',
  values: {
    ACTIVE: { description: 'No dormancy policy objects to the key.' },
    WARNED: { description: 'The key was unused for so long that its owner is warned.' },
    HELD: { description: 'The key was unused for so long that a policy holds it.' },
    EXPIRED: { description: 'The key was unused for so long that a policy expired it.' },
  },
});

const automationDescriptions: Readonly<Record<KeyAutomation, string>> = {
  NONE: 'No program renews the key: it was never renewed or rotated, or a person did so last.',
  LATE: 'A program renews the key, and is late: the moment picked for the renewal (renewalInfo.suggestedAt) passed a day ago, or about half of the time from then to the stop has passed. Mails about the stop begin then.',
  WORKING: 'A program renews the key: a key made the last renewal or rotation.',
};

export const KeyAutomationEnum = builder.enumType('KeyAutomation', {
  description: 'What renews a key.',
  values: describeValues(automationDescriptions),
});

export const StopBasisEnum = builder.enumType('StopBasis', {
  description: 'What decides when a key stops.',
  values: {
    HARD: { description: 'Time alone decides: from the stop on the key is refused.' },
    BY_USE: { description: 'Lack of use decides: a use of the key before the stop moves the stop later.' },
  },
});

export const RenewalModeEnum = builder.enumType('RenewalMode', {
  description: 'What a renewal does to the secret of the key.',
  values: {
    EXTEND: { description: 'The secret stays; only the expiry moves later.' },
    ROTATE: { description: 'The secret is replaced, and the expiry moves later.' },
  },
});

const outcomeDescriptions: Readonly<Record<Outcome, string>> = {
  VALID: 'The key works, and covers the action on the resource if these were given.',
  KEY_UNKNOWN: 'No key of the realm has this secret.',
  KEY_REVOKED: 'The key was revoked. It never works again.',
  SECRET_RETIRED: 'The grace period of this secret is over. The key’s current secret works on.',
  KEY_EXPIRED: 'The key has expired.',
  KEY_HELD: 'The key is suspended. It works again when its holds are lifted.',
  NOT_YET_VALID: 'The key is not valid before its `notBefore`.',
  ADDRESS_NOT_ALLOWED:
    'The key may be used only from its `allowedAddresses`, and the address is not among them or the verifier sent none.',
  BROWNOUT:
    'The key works, but is in an announced brownout in which its manager enrolled it: a rehearsal of its end. `brownoutEndsAt` says until when.',
  ACTION_UNKNOWN:
    'The realm has never had the action: a mistake of the verifier, not of the holder. A retired action is known.',
  SCOPE_MISSING: 'The key works, but none of its scopes covers the action on the resource.',
};

export const OutcomeEnum = builder.enumType('Outcome', {
  description:
    'The result of a verification. If several refusals apply it is the first of: KEY_UNKNOWN, KEY_REVOKED, SECRET_RETIRED, KEY_EXPIRED, KEY_HELD, NOT_YET_VALID, ADDRESS_NOT_ALLOWED, BROWNOUT, ACTION_UNKNOWN, SCOPE_MISSING.',
  values: describeValues(outcomeDescriptions),
});

export const RoleEnum = builder.enumType('Role', {
  description: 'The role of an account in an organization.',
  values: {
    OWNER: { description: 'Manages the organization, all of its keys and all of its members, other owners included.' },
    ADMIN: { description: 'Manages all keys of the organization, and its members except owners.' },
    MEMBER: { description: 'Sees all keys of the organization, issues new ones, and manages those it issued.' },
  },
});

const leakResponseDescriptions: Readonly<Record<(typeof leakResponses)[number], string>> = {
  HOLD: 'The key is held until a person resumes it.',
  REVOKE: 'The key is revoked: it ends for good.',
};

export const LeakResponseEnum = builder.enumType('LeakResponse', {
  description:
    'What happens to a key when its secret is reported as leaked. If a person has already replaced the secret, only that secret retires.',
  values: describeValues(leakResponseDescriptions),
});

const presetDescriptions: Readonly<Record<PresetName, string>> = {
  GITHUB_ACTIONS: 'Jobs of GitHub Actions: github.com, ghe.com and GitHub Enterprise Server.',
  GITLAB: 'Jobs of GitLab CI/CD: gitlab.com and self-managed.',
  AZURE_PIPELINES: 'Jobs of Azure Pipelines, by a service connection.',
  CIRCLECI: 'Jobs of CircleCI, by an issuer for each organization.',
  BUILDKITE: 'Jobs of Buildkite.com pipelines.',
  BITBUCKET: 'Jobs of Bitbucket Pipelines, by an issuer for each workspace.',
  KUBERNETES: 'Service accounts of a Kubernetes cluster, by tokens projected into pods.',
};

export const TokenPresetEnum = builder.enumType('TokenPreset', {
  description:
    'CI systems and platforms whose tokens Keytide knows: their issuer URLs and their claims with immutable ids.',
  values: describeValues(presetDescriptions),
});

export const TokenProblemEnum = builder.enumType('TokenProblem', {
  description: 'Why a token cannot be exchanged for a key.',
  values: describeValues(tokenProblems),
});

export const EventTypeEnum = builder.enumType('EventType', {
  description: 'What an event records.',
  values: describeValues(eventDescriptions),
});
