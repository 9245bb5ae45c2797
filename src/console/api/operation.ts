import type { TypedDocumentNode } from 'urql';

/** A document with the types of its result and variables. It is text: urql parses it at its first use. */
export type TypedOperation<Result, Variables> = TypedDocumentNode<
  Result,
  Variables extends Record<string, unknown> ? Variables : Record<string, never>
>;

/** The result of an operation, or the fields of a fragment. */
export type ResultOf<Document> = Document extends TypedDocumentNode<infer Result, infer _Variables> ? Result : never;
