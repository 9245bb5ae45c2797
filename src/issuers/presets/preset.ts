import type { RefusedContext } from '../../domain/token-rule.ts';

/** What is known of a provider whose jobs have tokens. */
export interface Preset {
  /** For people. */
  readonly title: string;
  /** The issuer's URL, as globs: one without a wildcard need not be written. */
  readonly urls: readonly string[];
  /** Claims that are ids, which no other is ever given. A rule asks for at least one of them, by `equals`. */
  readonly ids: readonly string[];
  /** From where no token is taken, unless a rule asks for it by `equals`. */
  readonly refusedContexts: readonly RefusedContext[];
  /** The claim by which people know whose job it is: what `ci/consumer` says of a key. */
  readonly consumer: string;
  /** Whether tokens have an id of their own, `jti`. Where they have none, what is signed of a token stands for it. */
  readonly hasTokenIds: boolean;
}
