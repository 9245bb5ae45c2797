import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { digestSealedText, opensSealedText } from '../../src/domain/sealed-text.ts';

const nonce = '0123456789abcdef'.repeat(4);
const text = 'On 1 March keys of the old scheme end: its signing key leaked. — Ü\n';

test('sealed text: the digest is that of the documented lines', () => {
  const lines = `keytide sealed text 1\n${nonce}\n${String(Buffer.byteLength(text))}\n${text}`;
  const expected = createHash('sha256').update(lines, 'utf8').digest('hex');
  expect(digestSealedText({ text, nonce })).toBe(expected);
  expect(digestSealedText({ text: 'We close.', nonce })).toBe(
    'c1ab57d7d15c2aa965d8788f82ddcd8d5be8ecbfd312a0f34220536a8d70b169',
  );
});

test('sealed text: exactly the same text and nonce open it', () => {
  const digest = digestSealedText({ text, nonce });
  expect(opensSealedText({ text, nonce }, digest)).toBe(true);
  expect(opensSealedText({ text, nonce: nonce.toUpperCase() }, digest.toUpperCase())).toBe(true);
  expect(opensSealedText({ text: text.trimEnd(), nonce }, digest)).toBe(false);
  expect(opensSealedText({ text: text.normalize('NFD'), nonce }, digest)).toBe(false);
  expect(opensSealedText({ text, nonce: nonce.replace('0', '1') }, digest)).toBe(false);
});

test('sealed text: a nonce of another length opens nothing', () => {
  const digest = digestSealedText({ text, nonce });
  for (const wrong of ['', nonce.slice(2), `${nonce}00`, `${nonce}\n`, nonce.replace('0', 'g')]) {
    expect(opensSealedText({ text, nonce: wrong }, digest)).toBe(false);
    expect(() => digestSealedText({ text, nonce: wrong })).toThrow(RangeError);
  }
});
