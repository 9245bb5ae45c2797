import { textProblem } from '../../domain/text.ts';
import { decisions, decisionsOf } from '../check-verdict.ts';
import { z, type Policy, type Reading } from '../contract.ts';
import type { Findings } from './policy-checks.ts';

const text = (name: string, max: number) =>
  z.string().superRefine((value, { addIssue }) => {
    const problem = textProblem(value, { name, max });
    if (problem !== null) addIssue(problem);
  });

const decides = z.custom((value) => value === undefined || typeof value === 'function', 'expected a function');

const readings = z.array(z.enum(['DAYS', 'CONSUMERS', 'OWNER'] satisfies Reading[]));

const declaration = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected lower case letters, digits and hyphens, at most 40 characters'),
    version: text('version', 40),
    title: text('title', 80),
    summary: text('summary', 500),
    config: z.custom((value) => value instanceof z.ZodType, 'expected a schema made with z from #policy'),
    reads: readings.optional(),
    expiry: decides.optional(),
    renewal: decides.optional(),
    dormancy: decides.optional(),
  })
  .refine(
    (policy) => decisions.some((decision) => policy[decision] !== undefined),
    'expected at least one of expiry, renewal and dormancy',
  );

/**
 * Checks the members of a policy, and adds a finding for each wrong one. Returns the policy if its functions can be
 * called nevertheless; else null.
 */
export function checkDeclaration(loaded: unknown, findings: Findings): Policy | null {
  const { error } = declaration.safeParse(loaded);
  if (error === undefined) return loaded as Policy;
  for (const { path, message } of error.issues) findings.add('declares', [...path, message].join(': '));
  const canBeAsked = error.issues.every(({ path: [member] }) => member !== undefined && !isNeeded(String(member)));
  return canBeAsked ? (loaded as Policy) : null;
}

function isNeeded(member: string): boolean {
  return member === 'config' || member === 'reads' || decisions.some((decision) => decision === member);
}

/** Describes a policy: "unused-expires 1.0.0, decides dormancy". */
export function describePolicy(policy: Policy): string {
  return `${policy.name} ${policy.version}, decides ${decisionsOf(policy).join(', ')}`;
}
