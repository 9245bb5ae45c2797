import { formatInstant, parseInstant } from '../domain/instant.ts';
import { CommandError, exitStatus } from './exit-status.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Parses an instant such as 2027-01-01T00:00:00Z, or a day, which begins at midnight in UTC. Returns it in its canonical form.
 * @throws CommandError USAGE that names the option.
 */
export function readInstant(option: string, text: string): string {
  const parsed = parseInstant(DAY.test(text) ? `${text}T00:00:00Z` : text);
  if ('at' in parsed) return formatInstant(parsed.at);
  throw new CommandError(exitStatus.USAGE, `${option}: found ${parsed.problem}; or a day, such as 2027-01-31.`);
}
