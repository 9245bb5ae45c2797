import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatScopeTokens, parseScopeTokens } from '../../src/domain/scope-token.ts';

test('scope tokens: every scope is parsed as it was formatted, from the characters that RFC 6749 allows', () => {
  const text = fc.oneof(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: 'grapheme' }));
  const scopes = fc.array(fc.record({ action: text, resource: text }), { minLength: 1 });
  fc.assert(
    fc.property(scopes, (given) => {
      const formatted = formatScopeTokens(given);
      expect(formatted).toMatch(/^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/);
      expect(parseScopeTokens(formatted)).toEqual(given);
    }),
  );
});

test('scope tokens: common characters are not encoded, and text of another form is refused', () => {
  expect(formatScopeTokens([{ action: 'package:push', resource: 'Acme.*/**' }])).toBe('package:push=Acme.*/**');
  expect(parseScopeTokens('a:b=x=y c:d=%20')).toEqual([
    { action: 'a:b', resource: 'x=y' },
    { action: 'c:d', resource: ' ' },
  ]);
  for (const other of ['', 'a:b', 'a:b=', '=x', 'a:b=x ', 'a:b=x  c:d=y', 'a:b=%', 'a:b=%ff']) {
    expect(parseScopeTokens(other), other).toBeNull();
  }
});
