import type { RefusedContext } from '../../domain/token-rule.ts';

/** The known facts about a CI provider that gives its jobs tokens. */
export interface Preset {
  /** The provider's name, for people. */
  readonly title: string;
  /** Globs for the issuer's URL. If there is one without a wildcard, callers may leave the URL out. */
  readonly urls: readonly string[];
  /** Claims with immutable ids that are never reused. A rule must match at least one of them by `equals`. */
  readonly ids: readonly string[];
  /** Claim values, such as the ref of a pull request, with which a token is refused unless the rule requires exactly that value by `equals`. */
  readonly refusedContexts: readonly RefusedContext[];
  /** The claim that names the job's project for people. Its value becomes the key's label `ci/consumer`. */
  readonly consumer: string;
  /** Whether every token has a `jti`. If not, a token without one is identified by the digest of its signed part. */
  readonly hasTokenIds: boolean;
}
