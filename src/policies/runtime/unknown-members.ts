import type { Json } from '../../domain/event.ts';
import type { Issue } from './run-modules.ts';

/**
 * The members of a configuration that its schema does not name, where the schema leaves it open what happens to them: zod drops
 * them, and a word that is misspelled would do nothing.
 */
export function findUnknownMembers(config: Json, schema: Json): readonly Issue[] {
  if (!isObject(config) || !isObject(schema) || !isObject(schema.properties)) return [];
  if (schema.type !== 'object' || schema.additionalProperties !== undefined) return [];
  const known = Object.keys(schema.properties);
  const strangers = Object.keys(config).filter((name) => !known.includes(name));
  return strangers.map((name) => ({
    path: [name],
    message: `No such member; there are ${known.join(', ') || 'none'}.`,
  }));
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
