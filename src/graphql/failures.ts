import type { ObjectRef } from '@pothos/core';
import { detailsOf, failures, isFailure, type ConfigIssue, type Failure, type FailureName } from '../domain/failure.ts';
import { builder, type Types } from './builder.ts';
import { KeyStateEnum, TokenProblemEnum } from './enums.ts';

const UserError = builder.interfaceRef<Failure>('UserError').implement({
  description: 'What a caller got wrong and can act on. Nothing was changed.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable, for programs.' }),
    message: t.exposeString('message', { description: 'What was found, what was expected, and what to do.' }),
    path: t.stringList({
      nullable: true,
      description: 'Which part of the input it is about.',
      resolve: ({ path }) => (path === null ? null : [...path]),
    }),
  }),
});

const ConfigIssueRef = builder.objectRef<ConfigIssue>('ConfigIssue').implement({
  description: 'What is wrong at one place of a configuration.',
  fields: (t) => ({
    path: t.exposeStringList('path', { description: 'From the configuration inwards; empty: all of it.' }),
    message: t.exposeString('message'),
  }),
});

const failureRefs = Object.fromEntries(
  Object.keys(failures).map((name) => [name, failureType(name as FailureName)]),
) as { [Name in FailureName]: ReturnType<typeof failureType> };

/** What details are in the schema. */
const detailTypes = {
  INSTANT: 'DateTime',
  DURATION: 'Duration',
  STATE: KeyStateEnum,
  TOKEN_PROBLEM: TokenProblemEnum,
} as const;

function failureType(name: FailureName) {
  return builder.objectRef<Failure>(name).implement({
    interfaces: [UserError],
    fields: (t) =>
      Object.fromEntries(
        Object.entries(detailsOf(name)).map(([field, type]) => [
          field,
          type === 'ISSUES'
            ? t.field({ type: [ConfigIssueRef], resolve: ({ details }) => (details[field] ?? []) as ConfigIssue[] })
            : t.field({
                type: detailTypes[type],
                nullable: true,
                resolve: ({ details }) => (details[field] ?? null) as never,
              }),
        ]),
      ),
  });
}

/** What a mutation answers: its success, or one of the failures that it can meet. */
export function resultType<Success extends object>(
  mutation: string,
  success: ObjectRef<Types, Success>,
  failureNames: readonly FailureName[],
) {
  return builder.unionType(`${mutation}Result`, {
    types: [success, ...failureNames.map((name) => failureRefs[name])],
    resolveType: (answer: object) => (isFailure(answer) ? answer.failure : `${mutation}Success`),
  });
}
