/**
 * A policy to copy. Files that begin with `_` are not loaded: copy this one to `plugins/<name>.ts`, change it, and run
 * `npm run policy:check plugins/<name>.ts`. The guide is docs/guides/write-a-policy.md, the contract src/policies/contract.ts.
 *
 * On top of a policy stands what an operator has to know before binding it:
 *
 * trial-keys: keys that were given out for a trial end with it.
 *
 * Which keys: those whose label `policy/tier` is `tier`. Labels under `policy/` are written by administrators alone, so that
 * nobody chooses the policy of a key by naming it.
 *
 * What happens: such a key lives `life` from its issue, renewed or not; its secret is replaced when it is renewed; unused for
 * `idle` it is warned and a day later held.
 *
 * Configuration:
 * - `tier` (trial): the label's value, of 1 to 40 letters, digits, `_`, `.` and `-`
 * - `life` (P14D): from PT1H to P365D
 * - `idle` (P7D): from P1D to P365D
 *
 * Reasons: TRIAL, OTHER_TIER.
 */
import {
  DAY,
  definePolicy,
  duration,
  inWords,
  onDay,
  z,
  type DormancyVerdict,
  type ExpiryVerdict,
  type Facts,
  type Reason,
  type RenewalVerdict,
} from '#policy';

// Give each member a default where there is a sensible one, so that `{}` is a configuration. `duration` reads P14D and gives
// the functions milliseconds; `prefault` takes the default as an operator would write it. A strict object refuses a member
// that is misspelled. The examples are tried by `npm run policy:check`.
const config = z
  .strictObject({
    tier: z
      .string()
      .regex(/^[\w.-]{1,40}$/)
      .default('trial'),
    life: duration({ min: 'PT1H', max: 'P365D' }).prefault('P14D'),
    idle: duration({ min: 'P1D', max: 'P365D' }).prefault('P7D'),
  })
  .meta({ examples: [{ tier: 'hackathon', life: 'P3D' }] });

type Config = z.output<typeof config>;

export default definePolicy({
  // Bindings call it by its name. The version is for people: what a binding is pinned to is the hash of the file.
  name: 'trial-keys',
  version: '1.0.0',
  title: 'Trial keys',
  summary:
    'Keys of the trial tier live a short time, get a new secret with each renewal, and are held when nobody uses them.',
  config,
  // More facts cost more to gather, so say what you need: `reads: ['DAYS', 'CONSUMERS', 'OWNER']`, or leave it out.

  // Leave out the functions that you do not need. Each answers for every key, and says nothing by null where it does not care.
  // Count from what the facts say, never from `moment`: a key that is looked at again tomorrow must stop when it was said to.
  expiry({ key }, config): ExpiryVerdict {
    if (!isTrial(key, config)) return { request: null, cap: null, reason: otherTier(config) };
    const sentence = `A trial key lives ${inWords(config.life)}; this one was issued on ${onDay(key.createdAt)}.`;
    return {
      // What may be asked for, counted from the moment of asking.
      request: null,
      // HARD: time alone decides. BY_USE is for moments that a use moves, such as `use.activeAt + idle`.
      cap: { at: key.createdAt + config.life, basis: 'HARD' },
      reason: { code: 'TRIAL', sentence },
    };
  },

  renewal({ key }, config): RenewalVerdict {
    const isMine = isTrial(key, config);
    return {
      isAllowed: true,
      allowedAt: null,
      mode: isMine ? 'ROTATE' : 'EXTEND',
      longest: null,
      window: null,
      graceExtension: null,
      retiresWhenMoved: null,
      reason: isMine
        ? { code: 'TRIAL', sentence: 'A trial key gets a new secret with each renewal.' }
        : otherTier(config),
    };
  },

  dormancy({ key, use }, config): DormancyVerdict {
    if (!isTrial(key, config)) return { warnAt: null, holdAt: null, expireAt: null, reason: otherTier(config) };
    // A key that was never used is active since its issue: it is judged by its age.
    const warnAt = use.activeAt + config.idle;
    const sentence =
      `A trial key that is not used for ${inWords(config.idle)} is warned and a day later held. ` +
      `It was last active on ${onDay(use.activeAt)}.`;
    return { warnAt, holdAt: warnAt + DAY, expireAt: null, reason: { code: 'TRIAL', sentence } };
  },
});

function isTrial({ labels }: Facts['key'], { tier }: Config): boolean {
  return labels['policy/tier'] === tier;
}

// A reason is read by the owner of the key, who has not read this file: whole sentences, with numbers, of at most 300 characters.
function otherTier({ tier }: Config): Reason {
  return { code: 'OTHER_TIER', sentence: `Only keys with the label policy/tier=${tier} are concerned.` };
}
