import { DAY_MS } from './duration.ts';
import { dayOf, formatDay } from './usage-day.ts';

/**
 * What a verification warns of: an announced change that has not reached the key yet. WILL_STOP: the key, which nothing stops today, will
 * stop. WILL_STOP_SOONER: it will stop earlier than it would today. BROWNOUT_AHEAD: it is enrolled in an announced brownout.
 */
export const warningCodes = ['WILL_STOP', 'WILL_STOP_SOONER', 'BROWNOUT_AHEAD'] as const;

export type WarningCode = (typeof warningCodes)[number];

/** A warning as it is stored and sent: the sentence is made when it is read. */
export interface StoredWarning {
  readonly code: WarningCode;
  /** The first moment of the UTC day on which the change reaches the key, in ms since 1970. */
  readonly from: number;
}

/** How many warnings a key has at most. */
export const WARNINGS_MAX = 3;

/** A warning as a verification and a reader of the key get it. */
export interface VerificationWarning {
  readonly code: WarningCode;
  readonly message: string;
  readonly from: Date;
}

export const noWarnings: readonly never[] = Object.freeze([]);

const sentences: Readonly<Record<WarningCode, (day: string) => string>> = {
  WILL_STOP: (day) =>
    `An announced change of policy will stop this key on ${day}. Renew it before, or see the change and answer it.`,
  WILL_STOP_SOONER: (day) =>
    `An announced change of policy will stop this key earlier than today's rules: on ${day}. Renew it before, or see the change and answer it.`,
  BROWNOUT_AHEAD: (day) =>
    `The key is enrolled in a brownout on ${day}: for at most 15 minutes it will be refused, to show who still uses it.`,
};

/** Returns the warning that a change gives which reaches a key at a moment: with the UTC day alone, so that keys share warnings. */
export function toStoredWarning(code: WarningCode, at: Date): StoredWarning {
  return { code, from: dayOf(at.getTime()) * DAY_MS };
}

/** Returns the warnings to store of several: each code once, with its first day, in the order of the codes. */
export function mergeWarnings(warnings: readonly StoredWarning[]): readonly StoredWarning[] {
  return warningCodes.flatMap((code) => {
    const days = warnings.filter((warning) => warning.code === code).map(({ from }) => from);
    return days.length === 0 ? [] : [{ code, from: Math.min(...days) }];
  });
}

/** Returns stored warnings with their sentences. Leaves out those whose code a later release has added. */
export function describeWarnings(stored: readonly StoredWarning[]): readonly VerificationWarning[] {
  if (stored.length === 0) return noWarnings;
  return stored.flatMap(({ code, from }) => {
    const sentence = (sentences as Partial<typeof sentences>)[code];
    return sentence === undefined ? [] : [{ code, message: sentence(formatDay(dayOf(from))), from: new Date(from) }];
  });
}

/**
 * Returns warnings as the value of a header: code and day alone, as a list of RFC 9651, such as
 * `WILL_STOP;from="2027-03-01"`. Null: there are none, and the header is left out.
 */
export function formatWarnings(
  warnings: readonly { readonly code: string; readonly from: Date | number }[],
): string | null {
  if (warnings.length === 0) return null;
  return warnings.map(({ code, from }) => `${code};from="${formatDay(dayOf(Number(from)))}"`).join(', ');
}
