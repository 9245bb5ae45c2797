import type { Logger } from 'pino';
import type { Route } from '../server.ts';
import { readFew } from './few-bodies.ts';
import { GithubKeys, type GithubKeyList } from './github-keys.ts';
import { leakRoute, type LeakCore } from './leak-route.ts';
import { proveGithub } from './prove-github.ts';
import { proveStandard, type SourceSecret } from './prove-standard.ts';

/** Who else reports leaks, and what it signs with: more than one while that is replaced. */
export interface SourceSetting {
  readonly name: string;
  readonly secrets: readonly SourceSecret[];
}

/** Who reports leaks. */
export interface LeakSettings {
  /** Null: GitHub does not. */
  readonly githubKeys: GithubKeyList | null;
  readonly sources: readonly SourceSetting[];
}

/** A path for each source: /leaks/github and /leaks/ with the name of each other one. */
export function leakRoutes(core: LeakCore, { githubKeys, sources }: LeakSettings, logger: Logger): [string, Route][] {
  const read = readFew();
  const routes = sources.map(({ name, secrets }): [string, Route] => [
    `/leaks/${name}`,
    leakRoute(core, { name, prove: proveStandard(secrets, core.clock) }, read),
  ]);
  if (githubKeys === null) return routes;
  const keys = new GithubKeys(githubKeys, core.clock, (error) => {
    logger.warn({ err: error }, 'the keys of GitHub could not be fetched');
  });
  return [['/leaks/github', leakRoute(core, { name: 'github', prove: proveGithub(keys) }, read)], ...routes];
}
