import type { Logger } from 'pino';
import type { Route } from '../http-server.ts';
import { createBodyReader } from './concurrent-bodies.ts';
import { GithubKeys, type GithubKeyList } from './github-keys.ts';
import { leakSourceRoute, type LeakCore } from './leak-source-route.ts';
import { createGithubVerifier } from './github-verifier.ts';
import { createStandardWebhooksVerifier, type LeakSourceSecret } from './standard-webhooks-verifier.ts';

/** Who else reports leaks, and what it signs with: more than one while that is replaced. */
export interface LeakSourceSettings {
  readonly name: string;
  readonly secrets: readonly LeakSourceSecret[];
}

/** Who reports leaks. */
export interface LeakSettings {
  /** Null: GitHub does not. */
  readonly githubKeys: GithubKeyList | null;
  readonly sources: readonly LeakSourceSettings[];
}

/** A path for each source: /leaks/github and /leaks/ with the name of each other one. */
export function leakRoutes(core: LeakCore, { githubKeys, sources }: LeakSettings, logger: Logger): [string, Route][] {
  const read = createBodyReader();
  const routes = sources.map(({ name, secrets }): [string, Route] => [
    `/leaks/${name}`,
    leakSourceRoute(core, { name, verify: createStandardWebhooksVerifier(secrets, core.clock) }, read),
  ]);
  if (githubKeys === null) return routes;
  const keys = new GithubKeys(githubKeys, core.clock, (error) => {
    logger.warn({ err: error }, 'the keys of GitHub could not be fetched');
  });
  return [
    ['/leaks/github', leakSourceRoute(core, { name: 'github', verify: createGithubVerifier(keys) }, read)],
    ...routes,
  ];
}
