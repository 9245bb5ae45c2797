import { isAbsolute, join, resolve } from 'node:path';
import type { CommandContext } from '../context.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { deployerKindNames } from './deployer-table.ts';

/** Settings that are paths. They are stored as absolute paths, because cron runs in another folder. */
const pathSettings = ['file', 'tokenFile'];

/**
 * Parses the words of `--deploy`, such as `dotenv file=.env name=KEY github repository=…`: each kind of place is
 * followed by its settings.
 */
export function readDeployments(context: CommandContext, words: readonly string[]): Record<string, string>[] {
  const places: Record<string, string>[] = [];
  for (const word of words) {
    const [, field, value = ''] = /^([A-Za-z]+)=(.*)$/s.exec(word) ?? [];
    const place = places.at(-1);
    if (field === undefined) places.push({ to: word });
    else if (place === undefined) throw unknownWordError(word);
    else place[field] = pathSettings.includes(field) ? resolvePath(context, value) : value;
  }
  for (const { to = '' } of places) if (!deployerKindNames.includes(to)) throw unknownWordError(to);
  return places;
}

function unknownWordError(word: string): CommandError {
  const expected = `expected one of ${deployerKindNames.join(', ')}, followed by settings such as name=value`;
  return new CommandError(exitStatus.USAGE, `--deploy: found ${JSON.stringify(word)}; ${expected}.`);
}

/** Returns a path as an absolute path; `~/` is the home folder. */
export function resolvePath({ env }: CommandContext, path: string): string {
  if (path.startsWith('~/') && isAbsolute(env['HOME'] ?? '')) return join(env['HOME'] ?? '', path.slice(2));
  return resolve(path);
}
