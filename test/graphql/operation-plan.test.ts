import { buildSchema, parse, type DocumentNode, type ExecutionResult } from 'graphql';
import { expect, test } from 'vitest';
import { executeOperation, subscribeToOperation } from '../../src/graphql/execute/execute-operation.ts';
import { collectGarbage } from '../support/collect-garbage.ts';

const schema = buildSchema(`
  input Secret { text: String! }
  interface Key { name: String! }
  type HeldKey implements Key { name: String! }
  type Query { verify(secret: Secret!): Key }
  type Mutation { verify(secret: Secret!): Key }
  type Subscription { verify(secret: Secret!): Key }`);

schema.getSubscriptionType()!.getFields()['verify']!.subscribe = async function* (source: unknown) {
  yield source;
};

const define = (operation: string, condition = '') => `${operation} {
  verify(secret: $secret) { ...Named } } fragment Named on Key { ... ${condition} { name } }`;

const texts = [
  define('query ($secret: Secret!)'),
  define('query ($secret: Secret!)', '@include(if: true)'),
  define('query ($secret: Secret!, $isNamed: Boolean!)', '@include(if: $isNamed)'),
  define('mutation ($secret: Secret!)'),
  define('subscription ($secret: Secret!)'),
];

/** Executes a document once. Returns weak references to a variable value, as it was given and as it was coerced. */
async function execute(document: DocumentNode): Promise<readonly WeakRef<object>[]> {
  const secret = { text: 'kt_secret' };
  const values = [new WeakRef<object>(secret)];
  const rootValue = {
    verify(args: { readonly secret: object }) {
      values.push(new WeakRef(args.secret));
      return { __typename: 'HeldKey', name: 'ci' };
    },
  };
  const args = { schema, document, rootValue, variableValues: { secret, isNamed: true } };
  const [definition] = document.definitions;
  const isSubscription =
    definition !== undefined && 'operation' in definition && definition.operation === 'subscription';
  const results: ExecutionResult[] = [];
  if (!isSubscription) results.push(await executeOperation(args));
  else
    for await (const result of (await subscribeToOperation(args)) as AsyncIterable<ExecutionResult>)
      results.push(result);
  expect(results).toEqual([{ data: { verify: { name: 'ci' } } }]);
  return values;
}

test('operation plan: a plan that is retained with its document retains no variable value', async () => {
  const documents = texts.map((text) => parse(text));
  const values: (readonly WeakRef<object>[])[] = [];
  for (const document of documents) values.push(await execute(document));
  await collectGarbage();
  const retained = values.map((references) => references.map((reference) => reference.deref()));
  expect(retained).toEqual(texts.map(() => [undefined, undefined]));
  // The documents, and so their plans, are still in use.
  for (const document of documents) await execute(document);
});
