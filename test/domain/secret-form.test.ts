import { expect, test } from 'vitest';
import { parseMetadata } from '../../src/domain/metadata.ts';
import { findSecretForm } from '../../src/domain/secret-form.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';

const letters = (count: number) => 'aB3dE5gH7jK9mN'.repeat(8).slice(0, count);

/** Joined at run time, so that no scanner takes this file for a leak. */
const secrets: readonly (readonly [form: string, text: string])[] = [
  ['the secret of a key', newSecret(systemRandom).reveal()],
  ['the secret of a webhook', `whsec_${letters(32)}`],
  ['the token of an invitation', `kti_${letters(43)}`],
  ['a signed or encrypted token (JWT)', `eyJhbGciOiJub25l.${letters(20)}.${letters(43)}`],
  ['a private key', ['-----BEGIN', 'RSA', 'PRIVATE', 'KEY-----'].join(' ')],
  ['a URL with a password', `postgres://app:${letters(9)}@db.example.com/app`],
  ['the hash of a password', `$argon2id$v=19$m=65536,t=3,p=4$${letters(22)}$${letters(43)}`],
  ['a token of GitHub', `ghp_${letters(36)}`],
  ['a token of GitHub', `github_pat_${letters(82)}`],
  ['a token of GitLab', `glpat-${letters(20)}`],
  ['a token of npm', `npm_${letters(36)}`],
  ['a key of NuGet.org', `oy2${letters(43).toLowerCase()}`],
  ['an access key of AWS', `AKIA${'ABCDEFGH234567QR'}`],
  ['a key of Google', `AIza${letters(35)}`],
  ['a key of Stripe', `sk_live_${letters(24)}`],
  ['a token of Slack', `xoxb-${letters(24)}`],
  ['a key of OpenAI or Anthropic', `sk-ant-${letters(40)}`],
  ['a token of Hugging Face', `hf_${'abCdefGhij'.repeat(4).slice(0, 34)}`],
];

test('secret form: secrets of ours and of well-known issuers are found in any text', () => {
  for (const [form, text] of secrets) {
    for (const around of [text, `see ${text}.`, `"${text}"`, `token=${text}`]) {
      expect(findSecretForm(around), form).toBe(form);
    }
  }
});

test('secret form: texts that people often note on a key are accepted', () => {
  const notes = [
    'key_01m844evt8fhatnd989cp557ja',
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'https://github.com/acme/sinks/actions/runs/4242424242?pr=7#step:3:1',
    'https://user@example.com/path',
    'kt_ABCDEF',
    'sk_live_ is the prefix of live keys',
    'AKIA',
    'mailto:ops@example.com',
    'Rotate before 2027-01-01; ask #team-release',
    'arn:aws:iam::123456789012:role/release',
    '$2,000 a month',
  ];
  for (const note of notes) expect(findSecretForm(note), note).toBeNull();
});

test('metadata: equal objects have one text, with sorted names and all nulls', () => {
  const [a, b] = [
    { team: 'core', limits: { b: [1, null], a: true }, none: null },
    { none: null, limits: { a: true, b: [1, null] }, team: 'core' },
  ].map(parseMetadata);
  expect(a).toEqual(b);
  expect(a).toEqual({ metadata: '{"limits":{"a":true,"b":[1,null]},"none":null,"team":"core"}' });
  expect(parseMetadata(JSON.parse('{"__proto__":{"a":1}}'))).toEqual({ metadata: '{"__proto__":{"a":1}}' });
});

test('metadata: it is refused with what was found, and no problem repeats a value', () => {
  const nested = (depth: number): unknown => Array.from({ length: depth }).reduce((value) => [value], 1);
  const secret = `npm_${letters(36)}`;
  const cases: [unknown, string][] = [
    ['text', 'found string; expected a JSON object'],
    [[1], 'found a list; expected a JSON object'],
    [null, 'found null; expected a JSON object'],
    [{ a: 'x'.repeat(4_089) }, 'found 4097 bytes of JSON; expected at most 4096'],
    [{ a: 'é'.repeat(2_045) }, 'found 4098 bytes of JSON; expected at most 4096'],
    [{ a: Array.from({ length: 5_000 }) }, 'found more than 4096 values; expected at most 4096 bytes'],
    [{ a: nested(200_000) }, 'found values nested deeper than 20 levels'],
    [{ a: Number.POSITIVE_INFINITY }, 'found a number that JSON cannot hold'],
    [
      { a: [{ b: secret }] },
      'found what looks like a token of npm; metadata is not for secrets, because others read it',
    ],
    [{ [secret]: 1 }, 'found what looks like a token of npm; metadata is not for secrets, because others read it'],
  ];
  for (const [value, problem] of cases) expect(parseMetadata(value)).toEqual({ problem });
  expect(parseMetadata({ a: 'x'.repeat(4_088) })).toHaveProperty('metadata');
  expect(parseMetadata({ a: nested(19) })).toHaveProperty('metadata');
});
