import { DAY_MS } from '../../../src/domain/duration.ts';
import { bad, forbidden, malformed, PREVIEWED, refusals, type Cases, type Refusal, type Stage } from './case.ts';
import type { Read } from './reads.ts';
import { busy, rolloutCases } from './rollouts.ts';

const administratorsOnly = forbidden('Only administrators can change realms.');
const longReason = bad('reason', 'reason has 501 characters; at most 500 are accepted');

const bindingNotFound: Refusal = [
  'BINDING_NOT_FOUND',
  'There is no binding with this id that you can see. Query the realm’s bindings.',
  ['input', 'bindingId'],
];
const takenAway: Refusal = [
  'BINDING_NOT_FOUND',
  'This binding was removed. Query the realm’s bindings.',
  ['input', 'bindingId'],
];
const brakeNotFound: Refusal = [
  'BRAKE_NOT_FOUND',
  'There is no brake with this id that you can see. Query the realm’s brakes.',
  ['input', 'brakeId'],
];
const brakeEnded = (how: string): Refusal => [
  'BRAKE_NOT_FOUND',
  `This brake is already ${how}. Query the realm’s brakes.`,
  ['input', 'brakeId'],
];
const noModule: Refusal = [
  'POLICY_NOT_FOUND',
  'There is no module with this name here. Query `policies` for the loaded modules.',
  ['input', 'policy'],
];
const noVersion: Refusal = [
  'POLICY_NOT_FOUND',
  'There is no version of the module with this hash here. Query `policies` for the loaded modules.',
  ['input', 'hash'],
];
const doesNotFit = (found: string, ...path: string[]): Refusal => [
  'INVALID_POLICY_CONFIG',
  `The configuration does not fit active-never-expires${found}. Change the configuration to match the module’s configSchema.`,
  ['input', 'config', ...path],
];
const noMonths = ' at idle: P1M: months and years differ in length; write days, for example P30D';
const tooShort = (found: string): Refusal => [
  'NOTICE_TOO_SHORT',
  `${found} of notice is less than the 30 days of this realm. Give at least the required notice, or a written reason in withoutNoticeReason.`,
  ['input', 'noticePeriod'],
];
const outdated = (found: string): Refusal => [
  'PREVIEW_OUTDATED',
  `${found} Request the preview again, check it, and retry with its token.`,
  ['input', 'previewToken'],
];
const otherChange = outdated('The preview was of another change.');
const noToken = outdated('The preview token was not issued by this service.');
const noLongerThan366Days = (found: string) =>
  bad('effectiveAt', `effectiveAt: found ${found}; expected now or a moment within 366 days.`);

/** An instant, so many days and milliseconds from now. */
function at({ gateway }: Stage, days: number, ms = 0): string {
  return new Date(gateway.clock.now().getTime() + days * DAY_MS + ms).toISOString();
}

/** A selector within so many negations. */
function negated(times: number): object {
  return times === 0 ? { issuedBefore: '2026-01-01T00:00:00Z' } : { not: negated(times - 1) };
}

const labelled = (name: string, value = 'trial') => ({ labels: [{ name, value }] });

export const policyCases: Cases = {
  bindPolicy: {
    'a realm that is not there': [() => ({ ...PREVIEWED, realm: 'nowhere' }), refusals.realmNotFound],
    'a module that there is not': [() => ({ ...PREVIEWED, policy: 'never-expires' }), noModule],
    'the path of a file': [() => ({ ...PREVIEWED, policy: '../plugins/_template.ts' }), noModule],
    'a member that there is not': [
      () => ({ ...PREVIEWED, config: { idel: 'P30D' } }),
      doesNotFit(': Unrecognized key: "idel"'),
    ],
    'a duration in months': [() => ({ ...PREVIEWED, config: { idle: 'P1M' } }), doesNotFit(noMonths, 'idle')],
    'no object': [
      () => ({ ...PREVIEWED, config: 'P30D' }),
      doesNotFit(': Invalid input: expected object, received string'),
    ],
    'a configuration that is too large': [
      () => ({ ...PREVIEWED, config: { idle: 'x'.repeat(17_000) } }),
      doesNotFit(': Expected JSON of at most 16 kB'),
    ],
    'a configuration with a secret in it': [
      ({ active }) => ({ ...PREVIEWED, config: { idle: 'P30D', note: [active.secret] } }),
      bad('config', 'config contains the secret of a key, which others would read; remove it'),
    ],
    'a selector by a label that everyone writes': [
      () => ({ ...PREVIEWED, selector: labelled('repo') }),
      bad(
        'selector',
        'selector: found the label repo; expected a label under policy/, which only administrators write.',
      ),
    ],
    'a selector by one within a negation': [
      () => ({ ...PREVIEWED, selector: { not: labelled('tier') } }),
      bad(
        'selector',
        'selector: found the label tier; expected a label under policy/, which only administrators write.',
      ),
    ],
    'a selector by a label of control characters': [
      () => ({ ...PREVIEWED, selector: labelled('policy/tier', '\u001b[2J') }),
      bad('selector', 'selector: label value has a control character, U+001B at character 1; none is accepted'),
    ],
    'a selector by a secret': [
      ({ active }) => ({ ...PREVIEWED, selector: labelled('policy/tier', active.secret) }),
      bad('selector', 'selector: label value contains the secret of a key, which others would read; remove it'),
    ],
    'a selector by the name of an owner': [
      () => ({ ...PREVIEWED, selector: { owners: ['Olga'] } }),
      bad('selector', 'selector: found owners that are not ids of accounts, organizations or subjects.'),
    ],
    'a selector by what is no key': [
      ({ olga }) => ({ ...PREVIEWED, selector: { keyIds: [olga.id] } }),
      bad('selector', 'selector: found keyIds that are not ids of keys.'),
    ],
    'a selector that negates itself without end': [
      () => ({ ...PREVIEWED, selector: negated(6) }),
      bad('selector', 'selector: found more than 5 nested negations; expected at most 5.'),
    ],
    'a selector by standing, which policies set': [
      () => ({ ...PREVIEWED, selector: { standings: ['WARNED'] } }),
      malformed(),
    ],
    'a moment that is past': [
      (stage) => ({ ...PREVIEWED, effectiveAt: at(stage, 0, -1) }),
      noLongerThan366Days('2026-11-24T11:59:59.999Z'),
    ],
    'a moment that is too far away': [
      (stage) => ({ ...PREVIEWED, effectiveAt: at(stage, 366, 1) }),
      noLongerThan366Days('2027-11-25T12:00:00.001Z'),
    ],
    'less notice than the realm gives': [() => ({ ...PREVIEWED, noticePeriod: 'P29D' }), tooShort('29 days')],
    'no notice': [() => ({ ...PREVIEWED, noticePeriod: 'PT0S' }), tooShort('0 seconds')],
    'less notice for a reason of nothing': [
      () => ({ ...PREVIEWED, noticePeriod: 'PT0S', withoutNoticeReason: ' ' }),
      bad('withoutNoticeReason', 'withoutNoticeReason has only white space; expected visible characters'),
    ],
    'a reason that is too long': [() => ({ ...PREVIEWED, reason: 'x'.repeat(501) }), longReason],
    'what is no preview token': [() => ({ ...PREVIEWED, previewToken: 'yes' }), noToken],
    'a preview token that was changed': [
      ({ preview }) => ({ ...PREVIEWED, previewToken: `${preview.slice(0, -4)}AAAA` }),
      noToken,
    ],
    'a preview of another configuration': [
      ({ preview }) => ({ ...PREVIEWED, config: { idle: 'P90D' }, previewToken: preview }),
      otherChange,
    ],
    'a preview of another realm': [
      ({ preview }) => ({ ...PREVIEWED, realm: 'other', previewToken: preview }),
      otherChange,
    ],
    'a preview of more notice': [
      ({ preview }) => ({ ...PREVIEWED, noticePeriod: 'P31D', previewToken: preview }),
      otherChange,
    ],
    'a preview of yesterday': [
      ({ oldPreview }) => ({ ...PREVIEWED, previewToken: oldPreview }),
      outdated('The preview token has expired: it is valid for a day.'),
    ],
    'who is not an administrator': [() => PREVIEWED, administratorsOnly, 'ann'],
    'a key': [() => PREVIEWED, administratorsOnly, 'aKey'],
  },
  updateBinding: {
    'a binding that is not there': [({ missing }) => ({ bindingId: missing.binding, mode: 'PAUSED' }), bindingNotFound],
    'one that was taken away': [({ unbound }) => ({ bindingId: unbound, mode: 'ENFORCED' }), takenAway],
    'what is no id': [() => ({ bindingId: 'dormant-owner' }), bindingNotFound],
    'a key of another realm': [({ binding }) => ({ bindingId: binding, mode: 'PAUSED' }), bindingNotFound, 'aKey'],
    'who is not an administrator': [
      ({ binding }) => ({ bindingId: binding, mode: 'PAUSED' }),
      administratorsOnly,
      'ann',
    ],
    'a version that there is not': [({ brake }) => ({ bindingId: brake.bindingId, hash: '0'.repeat(64) }), noVersion],
    'a configuration that does not fit': [
      ({ brake }) => ({ bindingId: brake.bindingId, config: { idle: 'PT1H' } }),
      doesNotFit(' at idle: found PT1H; expected P1D to P3650D', 'idle'),
    ],
    'less notice than the realm gives': [
      ({ binding }) => ({ bindingId: binding, noticePeriod: 'P7D' }),
      tooShort('7 days'),
    ],
    'a selector by a label that everyone writes': [
      ({ binding }) => ({ bindingId: binding, selector: labelled('policytier') }),
      bad(
        'selector',
        'selector: found the label policytier; expected a label under policy/, which only administrators write.',
      ),
    ],
    'a moment that is past': [
      (stage) => ({ bindingId: stage.binding, effectiveAt: at(stage, -1) }),
      noLongerThan366Days('2026-11-23T12:00:00.000Z'),
    ],
    'the preview of a new binding': [
      ({ brake, preview }) => ({ bindingId: brake.bindingId, previewToken: preview }),
      otherChange,
    ],
    'a mode that there is not': [({ binding }) => ({ bindingId: binding, mode: 'ON' }), malformed()],
    'one with a rollout': [({ rollout }) => ({ bindingId: rollout.bindingId, mode: 'SHADOW' }), busy],
  },
  unbindPolicy: {
    'a binding that is not there': [({ missing }) => ({ bindingId: missing.binding }), bindingNotFound],
    'one that was taken away': [({ unbound }) => ({ bindingId: unbound }), takenAway],
    'one with a rollout': [({ rollout }) => ({ bindingId: rollout.bindingId }), busy],
    'a reason that is too long': [({ binding }) => ({ bindingId: binding, reason: 'x'.repeat(501) }), longReason],
    'who is not an administrator': [({ binding }) => ({ bindingId: binding }), administratorsOnly, 'ann'],
  },
  ...rolloutCases,
  releaseBrake: {
    'a brake that is not there': [({ missing }) => ({ brakeId: missing.brake }), brakeNotFound],
    'one that is released': [({ releasedBrake }) => ({ brakeId: releasedBrake }), brakeEnded('released')],
    'one that is cancelled': [({ cancelledBrake }) => ({ brakeId: cancelledBrake }), brakeEnded('cancelled')],
    'up to nothing': [
      ({ brake }) => ({ brakeId: brake.brakeId, upTo: 0 }),
      bad('upTo', 'upTo: found 0; expected at least 1.'),
    ],
    'up to less than nothing': [
      ({ brake }) => ({ brakeId: brake.brakeId, upTo: -1 }),
      bad('upTo', 'upTo: found -1; expected at least 1.'),
    ],
    'a reason of white space': [
      ({ brake }) => ({ brakeId: brake.brakeId, reason: ' ' }),
      bad('reason', 'reason has only white space; expected visible characters'),
    ],
    'who is not an administrator': [({ brake }) => ({ brakeId: brake.brakeId }), administratorsOnly, 'ann'],
    'a key of another realm': [({ brake }) => ({ brakeId: brake.brakeId }), brakeNotFound, 'aKey'],
  },
  cancelBrake: {
    'one whose binding has a rollout': [({ busyBrake }) => ({ brakeId: busyBrake.brakeId }), busy],
    'a brake that is not there': [({ missing }) => ({ brakeId: missing.brake }), brakeNotFound],
    'one that is cancelled': [({ cancelledBrake }) => ({ brakeId: cancelledBrake }), brakeEnded('cancelled')],
    'who is not an administrator': [({ brake }) => ({ brakeId: brake.brakeId }), administratorsOnly, 'ann'],
  },
};

const PREVIEW = /* GraphQL */ `
  query ($input: PreviewPolicyInput!, $first: Int, $after: String) {
    previewPolicy(input: $input) {
      changes(first: $first, after: $after) {
        edges {
          cursor
        }
      }
    }
  }
`;

type MakeInput = (stage: Stage) => object;
const preview = (input: MakeInput, answer: Refusal, asker: Read[3] = 'admin'): Read => [
  PREVIEW,
  (stage: Stage) => ({ input: input(stage) }),
  answer,
  asker,
];

/** The same of previews, which are queries: what is wrong with them is an error. */
export const previewCases: { readonly [name: string]: Read } = {
  'nobody who asks for the policies': [
    '{ policies { name } }',
    {},
    ['UNAUTHENTICATED', 'Sign in, or send the secret of a key: Authorization: Bearer <…>.', null],
    'nobody',
  ],
  'a preview by who is no administrator': preview(
    () => PREVIEWED,
    forbidden('Only administrators may preview policies.'),
    'ann',
  ),
  'a preview of a realm that is not there': preview(
    () => ({ ...PREVIEWED, realm: 'nowhere' }),
    bad('realm', 'realm: there is no realm with this slug that you can see.'),
  ),
  'a preview of nothing': preview(
    () => ({ realm: 'default' }),
    bad('policy', 'Expected the bindingId of a binding to change or remove, or the policy of a new binding.'),
  ),
  'a preview of a removal of nothing': preview(
    () => ({ ...PREVIEWED, remove: true }),
    bad('policy', 'Expected the bindingId of a binding to change or remove, or the policy of a new binding.'),
  ),
  'a replay of a removal': preview(
    () => ({ ...PREVIEWED, remove: true, replay: 'P90D' }),
    bad('replay', 'replay: a removal of a binding stops no key.'),
  ),
  'a replay of more days than are stored': preview(
    () => ({ ...PREVIEWED, replay: 'P401D' }),
    bad('replay', 'replay: found P401D; expected P1D to P400D.'),
  ),
  'a preview of a binding of another realm': preview(
    ({ binding }) => ({ realm: 'default', bindingId: binding, mode: 'PAUSED' }),
    bad('bindingId', 'No policy is bound in this realm under this id. Query the realm’s bindings.'),
  ),
  'a preview of a module that there is not': preview(
    () => ({ ...PREVIEWED, policy: 'never-expires' }),
    bad('policy', noModule[1] as string),
  ),
  'a preview of a configuration that does not fit': preview(
    () => ({ ...PREVIEWED, config: { idle: 'P1M' } }),
    bad('config.idle', doesNotFit(noMonths)[1] as string),
  ),
  'a preview with a selector by a label that everyone writes': preview(
    () => ({ ...PREVIEWED, selector: labelled('repo') }),
    bad('selector', 'selector: found the label repo; expected a label under policy/, which only administrators write.'),
  ),
  'a page of changes that is too long': [
    PREVIEW,
    { input: PREVIEWED, first: 101 },
    ['BAD_USER_INPUT', 'first: found 101; a page has 0 to 100.', ['first']],
    'admin',
  ],
  'what is no cursor of changes': [
    PREVIEW,
    { input: PREVIEWED, after: 'next' },
    ['BAD_USER_INPUT', 'after: expected a cursor of this list. Take it from pageInfo or an edge.', ['after']],
    'admin',
  ],
};
