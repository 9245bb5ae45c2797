import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestError } from '../../src/domain/request-error.ts';
import { decodeCursor, encodeCursor } from '../../src/log/cursor.ts';

test('cursor: decodes to its position, and is safe in a URL', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (position) => {
      const cursor = encodeCursor(position);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(decodeCursor(cursor)).toBe(position);
    }),
  );
});

test('cursor: a position has exactly one text, and every other text is refused', () => {
  const other = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.bigInt().map(String),
    fc.string().map((text) => Buffer.from(`1:${text}`).toString('base64url')),
  );
  fc.assert(
    fc.property(other, (text) => {
      try {
        expect(encodeCursor(decodeCursor(text))).toBe(text);
      } catch (error) {
        expect(error).toBeInstanceOf(RequestError);
        expect((error as RequestError).code).toBe('BAD_USER_INPUT');
      }
    }),
  );
  for (const text of [
    '',
    '1:5',
    'MTo1=',
    'MTo1\n',
    ' MTo1',
    Buffer.from('1:05').toString('base64url'),
    Buffer.from('2:5').toString('base64url'),
    Buffer.from(`1:${'9'.repeat(19)}`).toString('base64url'),
  ]) {
    expect(() => decodeCursor(text), text).toThrow(RequestError);
  }
});
