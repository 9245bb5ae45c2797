import type { GraphQLError } from 'graphql';
import { queryTooCostly } from '../../domain/request-error.ts';
import { toGraphQLError } from '../mask-error.ts';
import { limits, type LimitName } from './limit-table.ts';

/**
 * Creates the QUERY_TOO_COSTLY error of a limit. Message and extensions have the limit, what was found and what is
 * accepted.
 */
export function createLimitError(limit: LimitName, found: number, where = 'The operation'): GraphQLError {
  const { accepted, counted } = limits[limit];
  const message = `${where} is over a limit: found ${found} ${counted}; at most ${accepted} are accepted (${limit}).`;
  return toGraphQLError(queryTooCostly(message, { limit, found, accepted }));
}
