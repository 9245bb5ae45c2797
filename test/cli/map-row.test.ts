import { expect, test } from 'vitest';
import { readColumns, toImportInput, type RowMapping } from '../../src/cli/import/map-row.ts';

const mapping = (more: Partial<RowMapping['defaults']> = {}, columns: readonly string[] = []): RowMapping => ({
  from: null,
  columns: readColumns(columns),
  defaults: { owner: null, hasSubjects: false, source: null, scopes: [], ...more },
});
const read = (values: object, how = mapping()) =>
  toImportInput({ values: values as Readonly<Record<string, string>>, number: 1, bytesRead: 1 }, how);

test('import: a row names its owner by an id, or a subject by its external id', () => {
  expect(read({ digest: 'x', owner: 'account_1' })).toMatchObject({ owner: 'account_1' });
  expect(read({ subject: 'customer 7' })).toMatchObject({ ownerOf: { subject: { externalId: 'customer 7' } } });
  const bySubject = read({ owner: 'customer 7' }, mapping({ hasSubjects: true }));
  expect(bySubject).toMatchObject({ ownerOf: { subject: { externalId: 'customer 7' } } });
  expect(bySubject).not.toHaveProperty('owner');
});

test('import: metadata, notBefore and allowed addresses are read from CSV and from JSON', () => {
  const expected = {
    metadata: { plan: 'pro' },
    notBefore: '2027-01-01T00:00:00.000Z',
    allowedAddresses: ['192.0.2.0/24', '2001:db8::/32'],
  };
  const csv = { metadata: '{"plan":"pro"}', notBefore: '2027-01-01', allowedAddresses: '192.0.2.0/24; 2001:db8::/32' };
  expect(read(csv)).toMatchObject(expected);
  expect(read({ ...expected, notBefore: Date.parse(expected.notBefore) })).toMatchObject(expected);
  expect(read({ addresses: '192.0.2.1' }, mapping({}, ['addresses=allowedAddresses']))).toMatchObject({
    allowedAddresses: ['192.0.2.1'],
  });
});

test('import: what the gateway would refuse for a whole request refuses its row alone', () => {
  const deep = Array.from({ length: 40 }).reduce<object>((inner) => ({ inner }), {});
  for (const [values, message] of [
    [{ name: 'a\0b' }, /^name: .*NUL/],
    [{ description: 'half \ud800 of a pair' }, /^description: .*Unicode/],
    [{ metadata: { ['\udfff']: 1 } }, /^metadata: .*Unicode/],
    [{ metadata: deep }, /^metadata: .*30 levels/],
    [{ metadata: { list: Array.from({ length: 201 }, () => 0) } }, /^metadata: .*at most 200/],
    [{ scopes: Array.from({ length: 201 }, () => 'a:b') }, /^scopes: .*at most 200/],
    [{ metadata: '[1]' }, /^metadata: expected a JSON object/],
    [{ metadata: 'text' }, /^metadata: expected a JSON object/],
    [{ labels: [{ name: 'a' }] }, /^labels: expected/],
    [{ labels: [null] }, /^labels: expected/],
    [{ labels: { a: { b: 1 } } }, /^labels: expected/],
    [{ scopes: [null] }, /^scopes: expected an action/],
    [{ allowedAddresses: [1] }, /^allowedAddresses: expected/],
    [{ notBefore: 'soon' }, /^notBefore: expected an instant/],
  ] as const)
    expect(() => read(values)).toThrow(
      expect.objectContaining({ name: 'RangeError', message: expect.stringMatching(message) }),
    );
});
