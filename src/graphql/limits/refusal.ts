import type { GraphQLError } from 'graphql';
import { queryTooCostly } from '../../domain/request-error.ts';
import { shown } from '../mask-error.ts';
import { limits, type LimitName } from './table.ts';

/** Refuses an operation for one limit: which, what was found and what is accepted, in words and in its extensions. */
export function tooCostly(limit: LimitName, found: number, where = 'The operation'): GraphQLError {
  const { accepted, of } = limits[limit];
  const message = `${where} is over a limit: found ${found} ${of}, at most ${accepted} accepted (${limit}).`;
  return shown(queryTooCostly(message, { limit, found, accepted }));
}
