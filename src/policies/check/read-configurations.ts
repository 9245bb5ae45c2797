import { z, type Policy } from '../contract.ts';
import type { Findings } from './policy-checks.ts';
import { deepFreeze } from './deep-freeze.ts';

/** A configuration as an operator writes it, and as the functions of the policy get it. */
export interface CheckConfiguration {
  readonly text: string;
  readonly config: unknown;
  /** Both forms, for the vocabulary: a schema may transform texts into other values. */
  readonly forms: readonly [written: unknown, config: unknown];
}

/**
 * Returns the configurations to check with: the given ones, or else `{}` and the `examples` of the schema's metadata.
 * If the schema does not accept `{}`, the policy is checked with the examples alone; without examples that is a
 * finding.
 */
export function readConfigurations(
  policy: Policy,
  given: readonly unknown[],
  findings: Findings,
): CheckConfiguration[] {
  checkSchema(policy, findings);
  const examples = examplesOf(policy);
  const inputs = given.length > 0 ? given : isAccepted(policy, {}) ? [{}, ...examples] : examples;
  if (inputs.length === 0)
    findings.add('configures', 'it does not accept {}; give examples in the metadata of the schema');
  return inputs.flatMap((written) => readConfiguration(policy, written, findings));
}

function checkSchema({ config }: Policy, findings: Findings): void {
  try {
    z.toJSONSchema(config, { io: 'input' });
  } catch (error) {
    findings.add('configures', `it cannot be converted to JSON Schema: ${String(error)}`);
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
