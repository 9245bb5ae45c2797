import {
  GraphQLError,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';

/** What a type requires of its values, so that it is examined once and not for each value. */
export type ValueShape =
  | { readonly kind: 'LEAF'; readonly type: GraphQLLeafType }
  | { readonly kind: 'LIST'; readonly item: ValueShape }
  | { readonly kind: 'ABSTRACT'; readonly type: GraphQLAbstractType }
  | { readonly kind: 'OBJECT'; readonly type: GraphQLObjectType }
  | { readonly kind: 'NON_NULL'; readonly inner: ValueShape };

export function shapeOf(type: GraphQLOutputType): ValueShape {
  if (isNonNullType(type)) return { kind: 'NON_NULL', inner: shapeOf(type.ofType) };
  if (isListType(type)) return { kind: 'LIST', item: shapeOf(type.ofType) };
  if (isLeafType(type)) return { kind: 'LEAF', type };
  return isAbstractType(type) ? { kind: 'ABSTRACT', type } : { kind: 'OBJECT', type };
}

/** Serializes a value. Throws a plain Error if it has no serialization: a GraphQLError would count as made for callers. */
export function serializeLeaf(type: GraphQLLeafType, value: unknown): unknown {
  let serialized: unknown;
  try {
    serialized = type.serialize(value);
  } catch (error) {
    throw error instanceof GraphQLError ? new Error(error.message) : error;
  }
  if (serialized === null || serialized === undefined) {
    throw new Error(`Expected a value of ${type.name}, but its serialization is empty.`);
  }
  return serialized;
}
