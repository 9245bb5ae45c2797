import { isInputObjectType, isUnionType } from 'graphql';
import { expect, test } from 'vitest';
import type { Failure } from '../../src/domain/failure.ts';
import { keyFields } from '../../src/graphql/key/key-success.ts';
import { mutation } from '../../src/graphql/mutation.ts';
import { schema } from '../../src/graphql/schema.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';

test('mutation: exactly those with an idempotencyKey can fail with IdempotencyConflict', () => {
  const unions = Object.values(schema.getTypeMap()).filter((type) => isUnionType(type) && type.name.endsWith('Result'));
  const repeatable = unions.flatMap(({ name }) => {
    const input = schema.getType(name.replace(/Result$/, 'Input'));
    return isInputObjectType(input) && 'idempotencyKey' in input.getFields() ? [name] : [];
  });
  const conflicting = unions.flatMap((type) =>
    isUnionType(type) && type.getTypes().some(({ name }) => name === 'IdempotencyConflict') ? [type.name] : [],
  );
  expect(repeatable.length).toBeGreaterThan(40);
  expect(conflicting.toSorted()).toEqual(repeatable.toSorted());
});

test('mutation: the list of failures is checked against the use case by the compiler', () => {
  // Never called: it would add mutations to the schema.
  const declare = () => {
    const input = { description: 'An input.', fields: () => ({}) };
    const success = { description: 'A success.', fields: keyFields };
    const rest = { description: 'A mutation.', input, success, useCase: confirmRotation, toInput: () => ({}) };
    const failures = ['KeyNotFound', 'KeyNotActive', 'RotationNotPending'] as const;
    mutation('complete', { ...rest, failures });
    // @ts-expect-error KeyNotActive is missing
    mutation('missing', { ...rest, failures: ['KeyNotFound', 'RotationNotPending'] });
    // @ts-expect-error EmailTaken cannot happen
    mutation('additional', { ...rest, failures: ['KeyNotFound', 'KeyNotActive', 'RotationNotPending', 'EmailTaken'] });
    const useCase = (): Promise<{ readonly keyId: string } | Failure<'KeyNotFound'>> => Promise.reject(new Error());
    mutation('once', { ...rest, isRepeatable: false, useCase, failures: ['KeyNotFound'] });
    // @ts-expect-error the use case claims the idempotency key
    mutation('forgotten', { ...rest, isRepeatable: false, failures });
    // @ts-expect-error the use case does not claim the idempotency key
    mutation('repeatable', { ...rest, useCase, failures: ['KeyNotFound'] });
  };
  expect(declare).toBeTypeOf('function');
});
