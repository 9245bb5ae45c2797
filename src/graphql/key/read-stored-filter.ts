import { coerceInputValue, GraphQLInputObjectType, validateInputValue, type GraphQLSchema } from 'graphql';
import type { KeyFilter } from './key-filter.ts';

/**
 * Reads a stored KeyFilter by the rules for one that a caller sends. A field or a value that this release does not know is a
 * problem: without it the filter would choose more keys.
 */
export function readStoredFilter(
  schema: GraphQLSchema,
  stored: unknown,
): { readonly filter: NonNullable<KeyFilter> } | { readonly problem: string } {
  const type = schema.getType('KeyFilter');
  if (!(type instanceof GraphQLInputObjectType)) throw new Error('the schema has no input type KeyFilter');
  const problems: string[] = [];
  validateInputValue(stored, type, ({ message }, path) => {
    // Without the value, which may be that of many fields.
    const found = message.replace(/(, found: .*|\.)$/s, '');
    problems.push(`${['filter', ...path].join('.')}: ${found}.`);
  });
  const [problem] = problems;
  if (problem !== undefined) return { problem };
  return { filter: coerceInputValue(stored, type) as NonNullable<KeyFilter> };
}
