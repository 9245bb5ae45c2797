import { textProblem } from '../../domain/text.ts';
import { decisions, decisionsOf } from '../check-verdict.ts';
import { z, type Policy, type Reading } from '../contract.ts';
import type { Findings } from './policy-checks.ts';

const text = (name: string, max: number) =>
  z.string().superRefine((value, { addIssue }) => {
    const problem = textProblem(value, { name, max });
    if (problem !== null) addIssue(problem);
  });

const decides = z.custom((value) => value === undefined || typeof value === 'function', 'a function is expected');

const readings = z.array(z.enum(['DAYS', 'CONSUMERS', 'OWNER'] satisfies Reading[]));

const declaration = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower case, digits and hyphens, at most 40, are expected'),
    version: text('version', 40),
    title: text('title', 80),
    summary: text('summary', 500),
    config: z.custom((value) => value instanceof z.ZodType, 'a schema made with the z of #policy is expected'),
    reads: readings.optional(),
    expiry: decides.optional(),
    renewal: decides.optional(),
    dormancy: decides.optional(),
  })
  .refine((policy) => decisions.some((decision) => policy[decision] !== undefined), 'it decides nothing');

/** The policy that was loaded, when it is one that can be asked; null: it is not. */
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

/** "unused-expires 1.0.0, decides dormancy". */
export function describePolicy(policy: Policy): string {
  return `${policy.name} ${policy.version}, decides ${decisionsOf(policy).join(', ')}`;
}
