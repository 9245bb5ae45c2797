import { z, type Policy } from '../contract.ts';
import type { Findings } from './policy-checks.ts';
import { deepFreeze } from './deep-freeze.ts';

/** A configuration as an operator writes it, and as the functions of the policy get it. */
export interface CheckConfiguration {
  readonly text: string;
  readonly config: unknown;
  /** The same in both forms, for the words in it: a schema may turn texts into something else. */
  readonly forms: readonly [written: unknown, config: unknown];
}

/**
 * The configurations to check with: those that are given, or else `{}` and the `examples` of the schema's metadata. `{}` is
 * left out when the schema wants more, and that is no fault as long as there are examples.
 */
export function readConfigurations(
  policy: Policy,
  given: readonly unknown[],
  findings: Findings,
): CheckConfiguration[] {
  checkSchema(policy, findings);
  const examples = examplesOf(policy);
  const wanted = given.length > 0 ? given : isAccepted(policy, {}) ? [{}, ...examples] : examples;
  if (wanted.length === 0)
    findings.add('configures', 'it does not take {}; give examples in the metadata of the schema');
  return wanted.flatMap((written) => readConfiguration(policy, written, findings));
}

function checkSchema({ config }: Policy, findings: Findings): void {
  try {
    z.toJSONSchema(config, { io: 'input' });
  } catch (error) {
    findings.add('configures', `no JSON Schema can be made of it: ${String(error)}`);
  }
}

function examplesOf({ config }: Policy): unknown[] {
  const examples = config.meta()?.['examples'];
  return Array.isArray(examples) ? examples : [];
}

function isAccepted({ config }: Policy, written: unknown): boolean {
  return config.safeParse(written).success;
}

function readConfiguration({ config }: Policy, value: unknown, findings: Findings): CheckConfiguration[] {
  const written = JSON.stringify(value);
  const read = config.safeParse(value);
  if (read.success) return [{ text: written, config: deepFreeze(read.data), forms: [value, read.data] }];
  for (const { path, message } of read.error.issues) {
    findings.add('configures', `${written} is refused: ${[...path, message].join(': ')}`);
  }
  return [];
}
