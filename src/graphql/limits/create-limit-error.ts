import type { GraphQLError } from 'graphql';
import { queryTooCostly } from '../../domain/request-error.ts';
import { toGraphQLError } from '../mask-error.ts';
import { limits, type LimitName } from './limit-table.ts';

/** Refuses an operation for one limit: which, what was found and what is accepted, in words and in its extensions. */
export function createLimitError(limit: LimitName, found: number, where = 'The operation'): GraphQLError {
  const { accepted, counted } = limits[limit];
  const message = `${where} is over a limit: found ${found} ${counted}, at most ${accepted} accepted (${limit}).`;
  return toGraphQLError(queryTooCostly(message, { limit, found, accepted }));
}
