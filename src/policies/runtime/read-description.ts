import type { Json } from '../../domain/event.ts';
import { textProblem } from '../../domain/text.ts';
import { z, type Reading } from '../contract.ts';

/** The checked description of a module. */
export interface Description {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly summary: string;
  readonly decides: readonly ('EXPIRY' | 'RENEWAL' | 'DORMANCY')[];
  readonly reads: readonly Reading[];
  /** The JSON Schema of a binding's configuration. */
  readonly configSchema: Json;
}

const SCHEMA_MAX = 65_536;

const descriptionShape = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected lower case letters, digits and hyphens, at most 40 characters'),
  version: text(40),
  title: text(80),
  summary: text(500),
  decides: z
    .array(z.enum(['EXPIRY', 'RENEWAL', 'DORMANCY']))
    .min(1, 'expected at least one of the functions expiry, renewal and dormancy'),
  reads: z.array(z.enum(['DAYS', 'CONSUMERS', 'OWNER'])),
  configSchema: z
    .record(z.string(), z.unknown())
    .refine((schema) => JSON.stringify(schema).length <= SCHEMA_MAX, 'its JSON Schema is larger than 64 kB'),
});

/** Checks the description that the policy process sent for a module. Returns it, or what is wrong with it. */
export function readDescription(value: unknown): Description | { readonly problem: string } {
  const { data, error } = descriptionShape.safeParse(value);
  if (data !== undefined) return data as Description;
  const [issue] = error.issues;
  return { problem: `Its ${issue?.path[0] === 'configSchema' ? 'config' : issue?.path.join('.')}: ${issue?.message}.` };
}

function text(max: number) {
  return z.string().superRefine((value, { addIssue }) => {
    const problem = textProblem(value, { name: 'the text', max });
    if (problem !== null) addIssue(problem);
  });
}
