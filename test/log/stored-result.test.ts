import { expect, test } from 'vitest';
import { decodeResult, encodeResult } from '../../src/log/stored-result.ts';

const at = new Date('2028-01-11T12:00:00.000Z');

/** Returns a result as the database gives it back. */
function storeAndRead(result: object): object {
  return decodeResult(JSON.parse(JSON.stringify(encodeResult(result))));
}

test('stored result: a text stays a text and an instant an instant, whatever their names are', () => {
  const result = {
    keyId: 'key_1',
    lookedAt: '2028-01-11',
    format: at.toISOString(),
    until: at,
    endsAt: at,
    startedAt: null,
  };
  expect(storeAndRead(result)).toEqual(result);
});

test('stored result: instants in the details of a failure are restored, and so are those in its lists', () => {
  const details = {
    earliest: at,
    latest: null,
    meetingAt: 'Acme',
    issues: [{ path: ['closesAt'], message: 'too early', since: at }],
  };
  const failure = { failure: 'ExpiryOutOfBounds', message: 'Too late.', path: ['input', 'expiresAt'], details };
  expect(storeAndRead(failure)).toEqual(failure);
});

test('stored result: a row of the release before is read by the names of its instants', () => {
  const text = at.toISOString();
  expect(decodeResult({ keyId: 'key_1', previousRetiresAt: text, expiresAt: null })).toEqual({
    keyId: 'key_1',
    previousRetiresAt: at,
    expiresAt: null,
  });
  expect(decodeResult({ failure: 'ExpiryOutOfBounds', details: { earliest: text, latest: text } })).toEqual({
    failure: 'ExpiryOutOfBounds',
    details: { earliest: at, latest: at },
  });
});

test('stored result: the release before finds instants where it wrote them, as text', () => {
  expect(encodeResult({ keyId: 'key_1', previousRetiresAt: at })).toMatchObject({
    keyId: 'key_1',
    previousRetiresAt: at.toISOString(),
  });
});
