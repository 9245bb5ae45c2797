import type { GraphQLError } from 'graphql';
import { queryTooCostly } from '../../domain/request-error.ts';
import { toGraphQLError } from '../mask-error.ts';
/** A bound on operations. */
export interface OperationLimit {
  /** The most that is accepted. */
  readonly accepted: number;
  /** What is counted, for messages: "found 12 levels of fields". */
  readonly counted: string;
  /** How it is counted, for docs/limits.md. */
  readonly rule: string;
}

/**
 * The limits on operations. An operation over a limit is refused before it runs. Limits hold for each operation of a
 * document. A fragment counts at each place where it is spread, and @include and @skip are ignored. The limit on the
 * body is `GRAPHQL_BODY_MAX`, or `GRAPHQL_BULK_BODY_MAX` for a bulk mutation.
 */
export const limits = {
  tokens: {
    accepted: 1_000,
    counted: 'tokens',
    rule: 'Names, values and punctuation of the whole document. Parsing stops at the limit.',
  },
  comments: { accepted: 1_000, counted: 'comments', rule: 'All comments of the whole document.' },
  depth: {
    accepted: 10,
    counted: 'levels of fields',
    rule: 'How deep fields are nested; a field of Query is on level 1. Introspection does not count.',
  },
  breadth: {
    accepted: 200,
    counted: 'fields',
    rule: 'All fields on all levels. Introspection does not count.',
  },
  aliases: { accepted: 15, counted: 'aliases', rule: 'All aliases on all levels.' },
  directives: { accepted: 50, counted: 'directives', rule: 'All directives of the operation and its fragments.' },
  cost: {
    accepted: 5_000,
    counted: 'fields in the response (estimated)',
    rule: 'A field costs 1, `__typename` 0. The fields below a list count once for each entry: for a connection `first` or `last` entries, 20 if both are left out; for any other list 3, or 20 if it may be long; for the keys of a bulk mutation 250; for the owners of a preview 100, for its weeks 110; for the owners and consumers of a replay 100, for its days 401.',
  },
  introspection: {
    accepted: 300_000,
    counted: 'fields in the response (estimated)',
    rule: 'Counted in the same way as `cost`, below `__schema` and `__type`. The limit is enough for GraphiQL and code generators.',
  },
  signIns: { accepted: 1, counted: 'selections of signIn', rule: 'One password attempt per operation.' },
  list: {
    accepted: 200,
    counted: 'entries',
    rule: 'Each list in arguments and variables, except bulk lists.',
  },
  bulkList: {
    accepted: 1_000,
    counted: 'entries',
    rule: 'The list `keys` of `issueKeys` and `importKeys`, sent as a variable.',
  },
} as const satisfies Record<string, OperationLimit>;

export type LimitName = keyof typeof limits;

/**
 * Creates the QUERY_TOO_COSTLY error of a limit. Message and extensions have the limit, what was found and what is
 * accepted.
 */
export function createLimitError(limit: LimitName, found: number, where = 'The operation'): GraphQLError {
  const { accepted, counted } = limits[limit];
  const message = `${where} is over a limit: found ${found} ${counted}; at most ${accepted} are accepted (${limit}).`;
  return toGraphQLError(queryTooCostly(message, { limit, found, accepted }));
}
