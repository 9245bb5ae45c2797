/**
 * renewal-window: when a key is best renewed, and whether its secret is replaced then.
 *
 * Which keys: every key. Nobody is refused: being early is always allowed, and the window is advice (after ACME's renewal
 * information, RFC 9773). Each key gets a moment of its own in the window, so that a fleet does not come at once; the
 * gateway picks it.
 *
 * What happens: the window is a part of the key's life, from when the life was given to the expiry that was chosen; a key
 * without a chosen expiry lives from its last activity for `idle`. With `rotateAfter` the secret has a life as well, with
 * the same window: whichever comes first counts, and from the opening of the secret's window on a renewal replaces the
 * secret (ROTATE). So a key that is renewed in its windows never has a secret older than `rotateAfter`. In an incident the
 * window of every key whose secret was made before then opens at that moment and soon closes, and its renewal is by ROTATE.
 *
 * Configuration:
 * - `opensAfter` (2/3): the share of the life that is over when the window opens, more than 0, up to `closesAfter`
 * - `closesAfter` (9/10): the share that is over when it closes, from `opensAfter` to 1
 * - `idle` (P365D): the life of a key that lives by use, from P1D to P3650D; what the binding that ends such keys says
 * - `rotateAfter` (null): how old a secret may get, from P1D to P3650D; null: secrets stay (EXTEND)
 * - `longest` (null): how far one renewal moves a key at most, from P1D to P3650D; null: as far as may be asked for
 * - `graceExtension` (P7D): how much longer, once, the old secret works when a rotation stalls, from PT0S to P365D
 * - `retiresWhenMoved` (false): whether an old secret retires as soon as everyone seen on it is seen on the new one
 * - `incident` (null): `{ secretsMadeBefore, within }`: an RFC 3339 instant up to the year 2200, and how long after it the
 *   window closes (P1D; from PT5M to P30D). An incident is best dated at the moment of acting, for its window begins there.
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

// A window that opens as the life begins would have keys renewed over and over.
const share = () => z.number().positive().max(1);

const config = z
  .strictObject({
    opensAfter: share().default(2 / 3),
    closesAfter: share().default(9 / 10),
    idle: duration({ min: 'P1D', max: 'P3650D' }).prefault('P365D'),
    rotateAfter: duration({ min: 'P1D', max: 'P3650D' }).nullable().prefault(null),
    longest: duration({ min: 'P1D', max: 'P3650D' }).nullable().prefault(null),
    graceExtension: duration({ max: 'P365D' }).prefault('P7D'),
    retiresWhenMoved: z.boolean().default(false),
    incident: z
      .strictObject({
        secretsMadeBefore: z.iso.datetime({ offset: true }).transform(Date.parse).pipe(z.number().max(LATEST_INCIDENT)),
        within: duration({ min: 'PT5M', max: 'P30D' }).prefault('P1D'),
      })
      .nullable()
      .prefault(null),
  })
  .refine(({ opensAfter, closesAfter }) => opensAfter <= closesAfter, {
    path: ['closesAfter'],
    error: 'at least opensAfter is accepted',
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
    'A key is best renewed in a window of its life: the last third but its last tenth, unless configured otherwise. Its ' +
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

/** The part of a life in which it is best renewed. */
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
