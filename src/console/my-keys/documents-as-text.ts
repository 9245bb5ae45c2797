import { GraphQLError } from '@0no-co/graphql.web';

// What the element uses instead of the GraphQL parser and printer of its client, which are 4 kB of its script. The build places
// each operation as its whole text. The client sends this text, and needs nothing else of a document than the operation's name.

const kinds = { OPERATION_DEFINITION: 'OperationDefinition' } as const;

export { GraphQLError, kinds as Kind };

const operation = /^\s*(?:query|mutation|subscription)\s+(\w+)/;

/** Returns a document that has its text, and the name of its operation. */
export function parse(text: string) {
  const value = operation.exec(text)?.[1];
  if (value === undefined) throw new Error('found a document that begins otherwise; expected an operation with a name');
  return {
    kind: 'Document',
    definitions: [{ kind: kinds.OPERATION_DEFINITION, name: { kind: 'Name', value } }],
    loc: { start: 0, end: text.length, source: { body: text, name: 'gql', locationOffset: { line: 1, column: 1 } } },
  };
}

/** Is not called: each document has its text. */
export function print(): string {
  throw new Error('A document has no text; expected one that was placed by the build.');
}
