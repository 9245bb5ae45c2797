import { detailsOf, failures, type ConfigIssue, type Failure, type FailureName } from '../domain/failure.ts';
import { builder } from './builder.ts';
import { KeyStateEnum, TokenProblemEnum } from './enums.ts';
import { failureDescriptions, failureDetailDescriptions, type FailureDetail } from './failure-descriptions.ts';

const UserError = builder.interfaceRef<Failure>('UserError').implement({
  description: 'A failure of a mutation that the caller can act on. Nothing was changed.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable code for programs, for example KEY_NOT_FOUND.' }),
    message: t.exposeString('message', {
      description: 'For people: what was found, what was expected, and what to do.',
    }),
    path: t.stringList({
      nullable: true,
      description:
        'The path of the part of the input that caused the failure, outermost name first, such as ["input", "keyId"]. Null: no single part caused the failure.',
      resolve: ({ path }) => (path === null ? null : [...path]),
    }),
  }),
});

const ConfigIssueRef = builder.objectRef<ConfigIssue>('ConfigIssue').implement({
  description: 'A problem at one place of a policy configuration.',
  fields: (t) => ({
    path: t.exposeStringList('path', {
      description:
        'The path of the place in the configuration, outermost name first. Empty: the problem is the configuration as a whole.',
    }),
    message: t.exposeString('message', { description: 'For people: what was found there and what was expected.' }),
  }),
});

/** The GraphQL type of each failure, by its name. */
export const failureRefs = Object.fromEntries(
  Object.keys(failures).map((name) => [name, failureType(name as FailureName)]),
) as { [Name in FailureName]: ReturnType<typeof failureType> };

/** The GraphQL type of each kind of detail. */
const detailTypes = {
  INSTANT: 'DateTime',
  DURATION: 'Duration',
  STATE: KeyStateEnum,
  TOKEN_PROBLEM: TokenProblemEnum,
} as const;

function failureType(name: FailureName) {
  return builder.objectRef<Failure>(name).implement({
    description: failureDescriptions[name],
    interfaces: [UserError],
    fields: (t) =>
      Object.fromEntries(
        Object.entries(detailsOf(name)).map(([field, type]) => {
          const description = failureDetailDescriptions[`${name}.${field}` as FailureDetail];
          if (type === 'ISSUES') {
            const resolve = ({ details }: Failure) => (details[field] ?? []) as ConfigIssue[];
            return [field, t.field({ type: [ConfigIssueRef], description, resolve })];
          }
          const resolve = ({ details }: Failure) => (details[field] ?? null) as never;
          return [field, t.field({ type: detailTypes[type], nullable: true, description, resolve })];
        }),
      ),
  });
}
