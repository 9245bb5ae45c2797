import type { Logger } from 'pino';
import type { Route } from '../find-route.ts';
import { createBodyReader } from './concurrent-bodies.ts';
import { GithubKeys, type GithubKeyList } from './github-keys.ts';
import { leakSourceRoute, type LeakCore } from './leak-source-route.ts';
import { createGithubVerifier } from './github-verifier.ts';
import { createStandardWebhooksVerifier, type LeakSourceSecret } from './standard-webhooks-verifier.ts';

/** A source other than GitHub, with its signing secrets: more than one while a secret is being replaced. */
export interface LeakSourceSettings {
  readonly name: string;
  readonly secrets: readonly LeakSourceSecret[];
}

/** The sources that may report leaks. */
export interface LeakSettings {
  /** Null: GitHub's reports are not accepted. */
  readonly githubKeys: GithubKeyList | null;
  readonly sources: readonly LeakSourceSettings[];
}

/** Returns the routes of all sources: /leaks/github, and /leaks/<name> for each other source. */
export function leakRoutes(core: LeakCore, { githubKeys, sources }: LeakSettings, logger: Logger): [string, Route][] {
  const read = createBodyReader();
  const routes = sources.map(({ name, secrets }): [string, Route] => [
    `/leaks/${name}`,
    leakSourceRoute(core, { name, verify: createStandardWebhooksVerifier(secrets, core.clock) }, read),
  ]);
  if (githubKeys === null) return routes;
  const keys = new GithubKeys(githubKeys, core.clock, (error) => {
    logger.warn({ err: error }, 'fetching the GitHub signing keys failed');
  });
  return [
    ['/leaks/github', leakSourceRoute(core, { name: 'github', verify: createGithubVerifier(keys) }, read)],
    ...routes,
  ];
}
