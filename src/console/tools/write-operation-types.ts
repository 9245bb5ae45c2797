import { codegen } from '@graphql-codegen/core';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { Kind, parse, type DocumentNode } from 'graphql';

const header = '// Generated from schema.graphql and the operations of the console: npm run console:types\n\n';

const scalars = { DateTime: 'string', Duration: 'string', Cursor: 'string', JSON: 'unknown', ID: 'string' };

/**
 * Returns two modules for the operations of the console: the types of their variables and results, and `graphql`, whose
 * overloads give each document its types.
 */
export async function writeOperationTypes(
  schemaText: string,
  documents: readonly string[],
): Promise<{ readonly types: string; readonly overloads: string }> {
  const parsed = documents.map((text) => ({ text, document: parse(text, { noLocation: true }) }));
  const types = await codegen({
    filename: 'operations.ts',
    schema: parse(schemaText),
    documents: parsed.map(({ document }, index) => ({ location: `${index}`, document })),
    plugins: [{ operations: {} }],
    pluginMap: { operations: typescriptOperations },
    config: {
      scalars,
      enumType: 'string-literal',
      enumsAsTypes: true,
      immutableTypes: true,
      useTypeImports: true,
      skipTypename: true,
      disableDescriptions: true,
    },
  });
  const known = new Map(parsed.map(({ text, document }) => [namesOf(document), text]));
  const overloads = [...known].map(
    ([{ result, variables }, text]) =>
      `export function graphql(text: ${JSON.stringify(text)}): TypedOperation<operations.${result}, ${variables === null ? 'never' : `operations.${variables}`}>;\n`,
  );
  return {
    types: header + types,
    overloads: `${header}import type * as operations from './operations.ts';
import type { TypedOperation } from './operation.ts';

${overloads.join('')}
/** Gives a document its types. The build replaces each call by the text of the document and its fragments. */
export function graphql(text: string): unknown {
  return text;
}
`,
  };
}

/** Returns the names that codegen gives to the types of a document. */
function namesOf({ definitions: [definition] }: DocumentNode): { result: string; variables: string | null } {
  if (definition?.kind === Kind.FRAGMENT_DEFINITION)
    return { result: `${definition.name.value}Fragment`, variables: null };
  if (definition?.kind !== Kind.OPERATION_DEFINITION || definition.name === undefined) {
    throw new Error('found a document without a named operation or fragment; expected exactly one');
  }
  const kind = definition.operation.replace(/^./, (letter) => letter.toUpperCase());
  const name = `${definition.name.value}${kind}`;
  return { result: name, variables: `${name}Variables` };
}
