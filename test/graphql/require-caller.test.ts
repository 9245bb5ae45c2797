import type { GraphQLField } from 'graphql';
import { expect, test } from 'vitest';
import { anonymous } from '../../src/domain/caller.ts';
import { RequestError } from '../../src/domain/request-error.ts';
import { schema } from '../../src/graphql/schema.ts';

/** What people do before they have a session, and what needs a secret of its own. */
const publicFields = ['acceptInvitation', 'exchangeToken', 'revokeKey', 'signIn'];

test('require caller: an anonymous caller reaches no field of the root types, except the public mutations', async () => {
  const refused = async ({ resolve, subscribe }: GraphQLField<unknown, unknown>) => {
    try {
      await (subscribe ?? resolve)!(undefined, { input: {} }, { caller: anonymous }, {} as never);
    } catch (error) {
      return error instanceof RequestError && error.code === 'UNAUTHENTICATED';
    }
    return false;
  };
  const reached: string[] = [];
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    const fields = Object.values(type!.getFields());
    expect(fields.length).toBeGreaterThan(1);
    for (const field of fields) if (!(await refused(field))) reached.push(field.name);
  }
  expect(reached.toSorted()).toEqual(publicFields);
});
