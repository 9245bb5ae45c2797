import { DURATION_MAX_MS } from '../domain/duration.ts';
import { textProblem } from '../domain/text.ts';
import { createVerdictChecks } from './is-verdict.ts';
import { z, type DormancyVerdict, type ExpiryVerdict, type Policy, type RenewalVerdict } from './contract.ts';

/** The three decisions of a policy. */
export type Decision = 'expiry' | 'renewal' | 'dormancy';

export const decisions = ['expiry', 'renewal', 'dormancy'] as const satisfies readonly Decision[];

/** Returns the decisions that a policy implements. */
export function decisionsOf(policy: Policy): Decision[] {
  return decisions.filter((decision) => policy[decision] !== undefined);
}

/** 9999-12-31T23:59:59.999Z, the last instant that RFC 3339 can write in UTC. */
const LAST_INSTANT = 253_402_300_799_999;

const SENTENCE_MAX = 300;

const instant = z.int().min(0).max(LAST_INSTANT);
const length = z.int().min(0).max(DURATION_MAX_MS);

const codeShape = /^[A-Z][A-Z0-9_]{0,39}$/;

const reason = z.strictObject({
  code: z.string().regex(codeShape, 'expected UPPER_CASE of at most 40 characters'),
  sentence: z.string().superRefine((sentence, { addIssue }) => {
    const problem = sentenceProblem(sentence);
    if (problem !== null) addIssue(problem);
  }),
});

function sentenceProblem(sentence: string): string | null {
  return textProblem(sentence, { name: 'the sentence', max: SENTENCE_MAX });
}

const request = z
  .strictObject({ shortest: length, longest: length, default: length.nullable() })
  .refine(({ shortest, longest }) => shortest <= longest, 'shortest is longer than longest')
  .refine(
    ({ shortest, longest, default: given }) => given === null || (shortest <= given && given <= longest),
    'default is not between shortest and longest',
  );

const window = z
  .strictObject({ opensAt: instant, closesAt: instant })
  .refine(({ opensAt, closesAt }) => opensAt <= closesAt, 'closesAt is before opensAt');

/** The schema of each decision. */
export const verdictSchemas = {
  expiry: z.strictObject({
    request: request.nullable(),
    cap: z.strictObject({ at: instant, basis: z.enum(['HARD', 'BY_USE']) }).nullable(),
    reason,
  }) satisfies z.ZodType<ExpiryVerdict>,

  renewal: z
    .strictObject({
      isAllowed: z.boolean(),
      allowedAt: instant.nullable(),
      mode: z.enum(['EXTEND', 'ROTATE']),
      longest: length.nullable(),
      window: window.nullable(),
      graceExtension: length.nullable(),
      retiresWhenMoved: z.boolean().nullable(),
      reason,
    })
    .refine(
      ({ isAllowed, allowedAt }) => !isAllowed || allowedAt === null,
      'allowedAt must be null if isAllowed is true',
    ) satisfies z.ZodType<RenewalVerdict>,

  dormancy: z
    .strictObject({ warnAt: instant.nullable(), holdAt: instant.nullable(), expireAt: instant.nullable(), reason })
    .refine(
      (steps) => isOrdered([steps.warnAt, steps.holdAt, steps.expireAt]),
      'expected warnAt before holdAt before expireAt',
    ) satisfies z.ZodType<DormancyVerdict>,
} as const;

/** Whether a reply is a verdict, for nearly all replies. If not, its schema decides. */
export const isSurelyVerdict = createVerdictChecks({
  instantMax: LAST_INSTANT,
  lengthMax: DURATION_MAX_MS,
  isCode: (code) => codeShape.test(code),
  isSentence: (sentence) => sentenceProblem(sentence) === null,
});

/**
 * Returns why a module's reply is not a verdict, and which members are wrong; null if it is a verdict. Instants must be
 * whole milliseconds from 1970 to the end of 9999, durations whole milliseconds from 0 to 100 years.
 */
export function verdictProblem(decision: Decision, reply: unknown): string | null {
  if (isSurelyVerdict[decision](reply)) return null;
  const { error } = verdictSchemas[decision].safeParse(reply);
  if (error === undefined) return null;
  return error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ');
}

function isOrdered(moments: readonly (number | null)[]): boolean {
  const known = moments.filter((moment) => moment !== null);
  return known.every((moment, index) => index === 0 || moment >= (known[index - 1] ?? moment));
}
