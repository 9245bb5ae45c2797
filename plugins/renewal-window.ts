/**
 * renewal-window: advises when a key is best renewed, and whether the renewal replaces the secret.
 *
 * Example: with `{ "rotateAfter": "P180D" }` a renewal from day 120 of a secret on replaces it, best done from day 120 to day 162.
 *
 * Which keys: every key. No renewal is refused: an early one is always allowed, and the window is advice (modelled on ACME's renewal
 * information, RFC 9773). The gateway picks a moment in the window for each key, so that a fleet does not renew all at once.
 *
 * What happens: the window is a part of the key's life, which lasts from the grant to the chosen expiry. A key without a chosen
 * expiry lives from its last activity for `idle`. With `rotateAfter` the secret has a life and a window too. Whichever window is
 * first counts, and once the secret's window is open a renewal replaces the secret (ROTATE). A key that is renewed in its windows
 * therefore never has a secret older than `rotateAfter`. After an incident, every key whose secret is older than the incident gets
 * a window that opens at the incident and closes soon, and its renewal replaces the secret.
 *
 * Configuration:
 * - `opensAfter` (2/3): the share of the life after which the window opens, more than 0, up to `closesAfter`
 * - `closesAfter` (9/10): the share after which it closes, from `opensAfter` to 1
 * - `idle` (P365D): the life of a key without a chosen expiry, from P1D to P3650D; use the value of the binding that ends such keys
 * - `rotateAfter` (null): the greatest age of a secret, from P1D to P3650D; null: secrets stay (EXTEND)
 * - `longest` (null): the longest lifetime that a renewal gives, from P1D to P3650D; null: as long as may be requested
 * - `graceExtension` (P7D): how much longer, once, the old secret works if a rotation stalls, from PT0S to P365D
 * - `retiresWhenMoved` (false): whether an old secret retires as soon as all its consumers are seen on the new one
 * - `incident` (null): `{ secretsMadeBefore, within }`: an RFC 3339 instant up to the year 2200, and how long after it the window
 *   closes (P1D; from PT5M to P30D). Use the moment at which you act, because the window opens then.
 *
 * Reasons: RENEW_IN_WINDOW, SECRET_AGES, INCIDENT.
 */
import {
  definePolicy,
  duration,
  inWords,
  onDay,
  z,
  type Facts,
  type Instant,
  type Milliseconds,
  type Reason,
  type RenewalVerdict,
} from '#policy';

const LATEST_INCIDENT = Date.UTC(2200, 0, 1);

// A window that opens at the beginning of the life would cause a renewal right after each renewal.
const share = () => z.number().positive().max(1);

const config = z
  .strictObject({
    opensAfter: share()
      .default(2 / 3)
      .meta({ title: 'Window opens after', description: 'The share of the life after which the window opens.' }),
    closesAfter: share()
      .default(9 / 10)
      .meta({
        title: 'Window closes after',
        description: 'The share of the life after which the window closes: at least that at which it opens.',
      }),
    idle: duration({ min: 'P1D', max: 'P3650D' }).prefault('P365D').meta({
      title: 'Life without an expiry',
      description: 'The life of a key without an expiry of its own. Use the value of the binding that ends such keys.',
    }),
    rotateAfter: duration({ min: 'P1D', max: 'P3650D' }).nullable().prefault(null).meta({
      title: 'Age of a secret',
      description: 'The greatest age of a secret: a renewal in time replaces it.',
      nullMeans: 'Secrets stay when a key is renewed.',
    }),
    longest: duration({ min: 'P1D', max: 'P3650D' }).nullable().prefault(null).meta({
      title: 'Longest renewal',
      description: 'The longest lifetime that a renewal gives.',
      nullMeans: 'As long as may be requested.',
    }),
    graceExtension: duration({ max: 'P365D' }).prefault('P7D').meta({
      title: 'Extension of a grace period',
      description: 'How much longer, once, the old secret works if a rotation stalls.',
    }),
    retiresWhenMoved: z.boolean().default(false).meta({
      title: 'Retires when moved',
      description: 'Whether an old secret retires as soon as all its consumers are seen on the new one.',
    }),
    incident: z
      .strictObject({
        secretsMadeBefore: z.iso
          .datetime({ offset: true })
          .meta({
            title: 'Secrets made before',
            description:
              'The moment of the incident: older secrets are to be replaced. Use the moment at which you act.',
          })
          .transform(Date.parse)
          .pipe(z.number().max(LATEST_INCIDENT)),
        within: duration({ min: 'PT5M', max: 'P30D' })
          .prefault('P1D')
          .meta({ title: 'Within', description: 'How long after the incident the window closes.' }),
      })
      .nullable()
      .prefault(null)
      .meta({
        title: 'Incident',
        description:
          'After an incident: every key with an older secret is to be renewed soon, and the renewal replaces the secret.',
        nullMeans: 'There is no incident.',
      }),
  })
  .refine(({ opensAfter, closesAfter }) => opensAfter <= closesAfter, {
    path: ['closesAfter'],
    error: 'expected at least opensAfter',
  })
  .meta({
    examples: [
      { opensAfter: 0.66, closesAfter: 0.9 },
      { rotateAfter: 'P180D', graceExtension: 'P14D', retiresWhenMoved: true },
      { incident: { secretsMadeBefore: '2026-11-23T12:00:00Z', within: 'P2D' } },
    ],
  });

type Config = z.output<typeof config>;
type Window = NonNullable<RenewalVerdict['window']>;

export default definePolicy({
  name: 'renewal-window',
  version: '1.0.0',
  title: 'Renewal windows',
  summary:
    'A key is best renewed in a window of its life, unless configured otherwise from two thirds to nine tenths of it. Its ' +
    'secret stays, unless it gets too old or an incident calls for new ones. Renewing early is never refused.',
  config,

  renewal(facts, config, moment): RenewalVerdict {
    const { window, mode, reason } = adviceFor(facts, config, moment);
    const { longest, graceExtension, retiresWhenMoved } = config;
    return { isAllowed: true, allowedAt: null, mode, longest, window, graceExtension, retiresWhenMoved, reason };
  },
});

function adviceFor(
  { key, use }: Facts,
  config: Config,
  moment: Instant,
): Pick<RenewalVerdict, 'mode' | 'reason'> & { readonly window: Window } {
  const { incident, rotateAfter, idle } = config;
  const madeAt = key.secretCreatedAt;
  if (incident !== null && madeAt < incident.secretsMadeBefore) {
    const window = { opensAt: incident.secretsMadeBefore, closesAt: incident.secretsMadeBefore + incident.within };
    return { window, mode: 'ROTATE', reason: incidentReason(madeAt, window) };
  }

  const { chosenExpiresAt, grantedAt } = key;
  const life =
    chosenExpiresAt === null
      ? windowOf(use.activeAt, use.activeAt + idle, config)
      : windowOf(grantedAt, chosenExpiresAt, config);
  if (rotateAfter === null) return { window: life, mode: 'EXTEND', reason: extendReason(life) };

  const secret = windowOf(madeAt, madeAt + rotateAfter, config);
  const window = {
    opensAt: Math.min(life.opensAt, secret.opensAt),
    closesAt: Math.min(life.closesAt, secret.closesAt),
  };
  const isDue = moment >= secret.opensAt;
  return isDue
    ? { window, mode: 'ROTATE', reason: rotateReason(madeAt, rotateAfter, window) }
    : { window, mode: 'EXTEND', reason: extendReason(window) };
}

/** Returns the part of a life in which a renewal is advised. */
function windowOf(from: Instant, to: Instant, { opensAfter, closesAfter }: Config): Window {
  const life = to - from;
  return { opensAt: from + Math.floor(life * opensAfter), closesAt: from + Math.floor(life * closesAfter) };
}

function extendReason(window: Window): Reason {
  return { code: 'RENEW_IN_WINDOW', sentence: `Best renewed ${daysOf(window)}; the secret stays.` };
}

function rotateReason(madeAt: Instant, rotateAfter: Milliseconds, window: Window): Reason {
  const age = `The secret was made on ${onDay(madeAt)} and may get ${inWords(rotateAfter)} old`;
  return { code: 'SECRET_AGES', sentence: `${age}: a renewal replaces it, best ${daysOf(window)}.` };
}

function incidentReason(madeAt: Instant, window: Window): Reason {
  const sentence =
    `Secrets made before ${onDay(window.opensAt)} are to be replaced, and this one was made on ${onDay(madeAt)}: ` +
    `a renewal replaces it, best ${daysOf(window)}.`;
  return { code: 'INCIDENT', sentence };
}

function daysOf({ opensAt, closesAt }: Window): string {
  return `from ${onDay(opensAt)} to ${onDay(closesAt)}`;
}
