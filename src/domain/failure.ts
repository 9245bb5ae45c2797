import type { FailureRow } from './failure-row.ts';
import { issuerFailures } from './issuer-failures.ts';
import { keyFailures } from './key-failures.ts';
import { operationFailures } from './operation-failures.ts';
import { ownerFailures } from './owner-failures.ts';
import { policyFailures } from './policy-failures.ts';
import { realmFailures } from './realm-failures.ts';
import { rolloutFailures } from './rollout-failures.ts';
import { signInFailures } from './sign-in-failures.ts';
import { webhookFailures } from './webhook-failures.ts';

/** All failures, by the name of their type. */
export const failures = {
  ...keyFailures,
  ...policyFailures,
  ...rolloutFailures,
  ...realmFailures,
  ...ownerFailures,
  ...webhookFailures,
  ...issuerFailures,
  ...operationFailures,
  ...signInFailures,
} as const satisfies Record<string, FailureRow>;

/** A problem at one path of a configuration. */
export interface ConfigIssue {
  readonly path: readonly string[];
  readonly message: string;
}

export type FailureName = keyof typeof failures;

/** Returns the names and types of the facts that a failure gives besides its message. */
export function detailsOf(name: FailureName): NonNullable<FailureRow['details']> {
  const row: FailureRow = failures[name];
  return row.details ?? {};
}

/** A failure as a use case returns it: data, not an exception. The use case has changed nothing. */
export interface Failure<Name extends FailureName = FailureName> {
  readonly failure: Name;
  readonly code: string;
  readonly message: string;
  /** The path of the input that caused it; null: no single one. */
  readonly path: readonly string[] | null;
  /** The facts of this failure, such as earliest and latest. */
  readonly details: { readonly [name: string]: Date | string | number | readonly ConfigIssue[] | null };
}

/**
 * Creates a failure. Its message is what was found and what was expected, then what to do: `remedy`, if the remedy depends on
 * the case, else the remedy of the table.
 */
export function fail<Name extends FailureName>(
  name: Name,
  found: string,
  more: { path?: readonly string[]; details?: Failure['details']; remedy?: string } = {},
): Failure<Name> {
  const { code, remedy: usualRemedy } = failures[name];
  const remedy = more.remedy ?? usualRemedy;
  return { failure: name, code, message: `${found} ${remedy}`, path: more.path ?? null, details: more.details ?? {} };
}

export function isFailure(result: object): result is Failure {
  return 'failure' in result;
}
