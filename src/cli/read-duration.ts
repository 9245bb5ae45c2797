import { DAY_MS, HOUR_MS, MINUTE_MS, parseDuration, SECOND_MS, WEEK_MS } from '../domain/duration.ts';
import { CommandError, exitStatus } from './exit-status.ts';

const units: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: WEEK_MS };

/**
 * Parses a duration such as 14d, 12h or P14D and returns it in ms. @throws CommandError USAGE that names the option.
 */
export function readDuration(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const parsed = count === undefined ? parseDuration(text) : { ms: Number(count) * (units[unit] ?? 0) };
  if ('ms' in parsed) return parsed.ms;
  throw new CommandError(
    exitStatus.USAGE,
    `${option}: ${parsed.problem}; or a number with the unit s, m, h, d or w, such as 14d.`,
  );
}
