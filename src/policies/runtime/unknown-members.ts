import type { Json } from '../../domain/event.ts';
import type { Issue } from './run-modules.ts';

/**
 * Finds members of a configuration without a property in its schema, unless the schema has a rule for additional
 * properties. Zod would drop such a member, so that a misspelled name would have no effect.
 */
export function findUnknownMembers(config: Json, schema: Json): readonly Issue[] {
  if (!isObject(config) || !isObject(schema) || !isObject(schema.properties)) return [];
  if (schema.type !== 'object' || schema.additionalProperties !== undefined) return [];
  const known = Object.keys(schema.properties);
  const unknownNames = Object.keys(config).filter((name) => !known.includes(name));
  return unknownNames.map((name) => ({
    path: [name],
    message: `Unknown member. Members: ${known.join(', ') || 'none'}.`,
  }));
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
