import { expect, test } from 'vitest';
import { newSecret } from '../../../src/domain/secret.ts';
import { redactLeakUrl, redactFoundIn } from '../../../src/http/leaks/redact-location.ts';
import { systemRandom } from '../../../src/store/random.ts';

const secret = newSecret(systemRandom).reveal();
const other = newSecret(systemRandom).reveal();
const encoded = [...secret].map((one) => `%${one.charCodeAt(0).toString(16)}`).join('');

test('redact location: origin and path of a URL are stored, up to 500 characters', () => {
  const path = 'https://github.com/octocat/Hello-World/blob/12345600b9cbe38a219f39a9941c9319b600c002/foo/bar.txt';
  expect(redactLeakUrl(path, secret)).toBe(path);
  expect(redactLeakUrl(`${path}?token=${secret}#L${secret}`, secret)).toBe(path);
  expect(redactLeakUrl(`https://me:${secret}@example.com/a`, secret)).toBe('https://example.com/a');
  expect(redactLeakUrl(`https://example.com/${'a'.repeat(1_000)}`, secret)).toBe('https://example.com/');
  for (const none of ['', 'no url', `javascript:${secret}`, 'file:///etc/passwd', 7, null, { secret }]) {
    expect(redactLeakUrl(none, secret)).toBeNull();
  }
});

test('redact location: a path with a part of the secret, in any encoding, or with another secret is dropped', () => {
  const bad = [
    secret,
    secret.slice(0, 15),
    secret.slice(20, 32),
    secret.slice(20, 32).toUpperCase(),
    `${secret.slice(0, 20)}/${secret.slice(20)}`,
    `${secret.slice(0, 20)}%2D%2D${secret.slice(20)}`,
    encoded,
    encoded.replaceAll('%', '%25'),
    encoded.replaceAll('%', '%2525'),
    encoded.replaceAll('%', '%25252525'),
    other,
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2ln',
  ];
  for (const path of bad)
    expect(redactLeakUrl(`https://example.com/a/${path}/b`, secret), path).toBe('https://example.com/');
  expect(redactLeakUrl(`https://${secret.slice(20, 40)}.example.com/a`, secret)).toBeNull();
});

test('redact location: the place type is stored only as one short word without a part of the secret', () => {
  for (const word of ['commit', 'Pull_request_comment', 'npm']) expect(redactFoundIn(word, secret)).toBe(word);
  for (const word of ['', 'a b', secret.slice(0, 20), 'a'.repeat(41), 7, null])
    expect(redactFoundIn(word, secret)).toBeNull();
});
