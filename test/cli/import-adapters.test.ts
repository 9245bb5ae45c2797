import { expect, test } from 'vitest';
import { adapters } from '../../src/cli/import/adapters.ts';

test.each(['2024-03-01T00:00:00Z', 'Y', 'revoked', 'True', true, 1])(
  'import adapters: a NuGet-like key whose Revoked is %s is imported as revoked',
  (Revoked) => expect(adapters.nuget({ Key: '1', Revoked })).toMatchObject({ state: 'REVOKED' }),
);

test.each(['', 'False', '0', 'no', false, 0, null])(
  'import adapters: a NuGet-like key whose Revoked is %s is imported as active',
  (Revoked) => expect(adapters.nuget({ Key: '1', Revoked })).not.toHaveProperty('state'),
);

test('import adapters: an empty column gives way to the next one that has a value', () => {
  const row = { id: '1', deletedAt: '', deletedAtM: '1700000000000', ownerId: '', externalId: 'customer 1' };
  expect(adapters.unkey(row)).toMatchObject({ state: 'REVOKED', owner: 'customer 1' });
});
