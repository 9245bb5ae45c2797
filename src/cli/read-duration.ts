import { DAY_MS, HOUR_MS, MINUTE_MS, parseDuration, SECOND_MS, WEEK_MS } from '../domain/duration.ts';
import { CommandError, exitStatus } from './exit-status.ts';

const units: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: WEEK_MS };

/** A duration as people type it, 14d or 12h, or in ISO 8601, in ms. @throws CommandError USAGE that names the option. */
export function readDuration(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const parsed = count === undefined ? parseDuration(text) : { ms: Number(count) * (units[unit] ?? 0) };
  if ('ms' in parsed) return parsed.ms;
  throw new CommandError(exitStatus.USAGE, `${option}: ${parsed.problem}; or a number and s, m, h, d or w, as in 14d.`);
}
