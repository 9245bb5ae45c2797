/**
 * A policy to copy. Files that begin with `_` are not loaded. Copy this file to `plugins/<name>.ts`, change it, and run
 * `npm run policy:check plugins/<name>.ts`. The guide is docs/guides/write-a-policy.md, the contract src/policies/contract.ts.
 *
 * A policy begins with what an operator has to know before binding it:
 *
 * trial-keys: ends keys that were issued for a trial.
 *
 * Example: with `{ "life": "P14D" }` a key with the label `policy/tier=trial`, issued on 2026-01-01, expires on 2026-01-15.
 *
 * Which keys: those whose label `policy/tier` is `tier`. Only administrators write labels under `policy/`, so owners
 * cannot choose the policy of their keys by a label.
 *
 * What happens: such a key lives for `life` from its issue, renewed or not. A renewal replaces its secret. After `idle` without
 * use it is warned, and a day later held.
 *
 * Configuration:
 * - `tier` (trial): the label's value, 1 to 40 letters, digits, `_`, `.` and `-`
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

// Give each member a sensible default if there is one, so that `{}` is a valid configuration. `duration` parses P14D and returns
// milliseconds to the functions. `prefault` takes the default as an operator would write it. A strict object refuses misspelled
// members. A title, a description and, beside null, `nullMeans` are shown where people fill in a configuration. `npm run policy:check`
// tries the examples.
const config = z
  .strictObject({
    tier: z
      .string()
      .regex(/^[\w.-]{1,40}$/)
      .default('trial'),
    life: duration({ min: 'PT1H', max: 'P365D' })
      .prefault('P14D')
      .meta({ title: 'Life', description: 'How long a key of a trial lives.' }),
    idle: duration({ min: 'P1D', max: 'P365D' }).prefault('P7D'),
  })
  .meta({ examples: [{ tier: 'hackathon', life: 'P3D' }] });

type Config = z.output<typeof config>;

export default definePolicy({
  // Bindings use the name. The version is for people: a binding is pinned to the hash of the file.
  name: 'trial-keys',
  version: '1.0.0',
  title: 'Trial keys',
  summary:
    'Keys of the trial tier have a short life, get a new secret with each renewal, and are held if they are not used.',
  config,
  // More facts cost time to load. List those that you need, `reads: ['DAYS', 'CONSUMERS', 'OWNER']`, or leave `reads` out.

  // Leave out the functions that you do not need. Each is called for every key and returns null where it has no opinion.
  // Count from the facts, never from `moment`: an evaluation tomorrow must give the same stop as today.
  expiry({ key }, config): ExpiryVerdict {
    if (!isTrial(key, config)) return { request: null, cap: null, reason: otherTier(config) };
    const sentence = `A trial key lives ${inWords(config.life)}; this one was issued on ${onDay(key.createdAt)}.`;
    return {
      // The lifetimes that may be requested, counted from the request. Null: no opinion.
      request: null,
      // HARD: time alone decides. Use BY_USE for moments that a use moves, such as `use.activeAt + idle`.
      cap: { at: key.createdAt + config.life, basis: 'HARD' },
      reason: { code: 'TRIAL', sentence },
    };
  },

  renewal({ key }, config): RenewalVerdict {
    const isTrialKey = isTrial(key, config);
    return {
      isAllowed: true,
      allowedAt: null,
      mode: isTrialKey ? 'ROTATE' : 'EXTEND',
      longest: null,
      window: null,
      graceExtension: null,
      retiresWhenMoved: null,
      reason: isTrialKey
        ? { code: 'TRIAL', sentence: 'A trial key gets a new secret with each renewal.' }
        : otherTier(config),
    };
  },

  dormancy({ key, use }, config): DormancyVerdict {
    if (!isTrial(key, config)) return { warnAt: null, holdAt: null, expireAt: null, reason: otherTier(config) };
    // For a key that was never used, `activeAt` is its issue, so that it counts by its age.
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

// The owner of the key reads the reason, without knowing this file: write whole sentences with numbers, at most 300 characters.
function otherTier({ tier }: Config): Reason {
  return { code: 'OTHER_TIER', sentence: `This policy applies only to keys with the label policy/tier=${tier}.` };
}
