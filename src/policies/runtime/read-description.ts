import type { Json } from '../../domain/event.ts';
import { textProblem } from '../../domain/text.ts';
import { z, type Reading } from '../contract.ts';

/** What a module says it is, checked. */
export interface Description {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly summary: string;
  readonly decides: readonly ('EXPIRY' | 'RENEWAL' | 'DORMANCY')[];
  readonly reads: readonly Reading[];
  /** A JSON Schema of what bindings may configure. */
  readonly configSchema: Json;
}

const SCHEMA_MAX = 65_536;

const descriptionShape = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower case, digits and hyphens are expected, at most 40 characters'),
  version: text(40),
  title: text(80),
  summary: text(500),
  decides: z
    .array(z.enum(['EXPIRY', 'RENEWAL', 'DORMANCY']))
    .min(1, 'at least one of the functions expiry, renewal and dormancy is expected'),
  reads: z.array(z.enum(['DAYS', 'CONSUMERS', 'OWNER'])),
  configSchema: z
    .record(z.string(), z.unknown())
    .refine((schema) => JSON.stringify(schema).length <= SCHEMA_MAX, 'it is larger than 64 kB as JSON Schema'),
});

/** Reads what the process says of a module that it loaded; of what is no description, why. */
export function readDescription(said: unknown): Description | { readonly problem: string } {
  const { data, error } = descriptionShape.safeParse(said);
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
