import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formOf } from '../../src/domain/credential-form.ts';
import { containsSecret, newSecret, parseSecret, secretStartOf } from '../../src/domain/secret.ts';
import { secretPatternOf, secretPrefixProblem } from '../../src/domain/secret-prefix.ts';
import { redact } from '../../src/logging/redact.ts';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const prefix = fc
  .array(word, { minLength: 1, maxLength: 4 })
  .map((words) => `${words.join('_')}_`)
  .filter((text) => secretPrefixProblem(text) === null);
const secretOf = (random: Uint8Array, start: string) => newSecret(() => random, start).reveal();

describe('a prefix', () => {
  it.each(['acme_', 'acme_live_', 'a_', 'a_b_c_d_', '1pass_2_', 'acme_sk_', 'shops_', `${'a'.repeat(23)}_`, 'kt_'])(
    '%s can be one',
    (text) => {
      expect(secretPrefixProblem(text)).toBeNull();
    },
  );

  it.each(
    [
      [
        '',
        'a',
        'acme',
        '_',
        '_acme_',
        'acme__',
        'Acme_',
        'acme-live_',
        'äcme_',
        'acme_ ',
        'a_b_c_d_e_',
        `${'a'.repeat(24)}_`,
      ],
      ['kt_live_', 'acme_kt_', 'mykt_', 'ktp_', 'kti_', 'ktx_', 'acme_ktp_', 'keytide_', 'whsec_', 'whsk_', 'eyj_'],
      ['key_', 'realm_', 'secret_', 'subject_', 'event_'],
      [
        'sk_live_',
        'acme_sk_live_',
        'sk_live_acme_',
        'ghp_',
        'gho_',
        'xghp_',
        'npm_',
        'xoxb_',
        'github_pat_',
        'hf_',
        'sk_',
      ],
    ].flat(),
  )('%j is refused', (text) => {
    expect(secretPrefixProblem(text)).not.toBeNull();
  });
});

describe('a secret with an own prefix', () => {
  it('parses back, shows its prefix and 6 digits, and is taken for nothing else', () => {
    fc.assert(
      fc.property(bytes, prefix, (random, start) => {
        const secret = newSecret(() => random, start);
        const text = secret.reveal();
        expect(text).toHaveLength(start.length + 49);
        expect(parseSecret(text)?.reveal()).toBe(text);
        expect(secret.start).toBe(text.slice(0, start.length + 6));
        expect(secretStartOf(text)).toBe(secret.start);
        expect(formOf(text)).toBe('KEY');
        expect(containsSecret(`A text with ${text}, and more`)).toBe(true);
        expect(redact(`"at ${text}."`)).toBe(`"at ${start}[secret]."`);
      }),
    );
  });

  it('is refused with any single wrong character, in its prefix too', () => {
    fc.assert(
      fc.property(bytes, prefix, fc.nat(), fc.constantFrom(...digits, '_', '-', ' '), (random, start, place, other) => {
        const text = secretOf(random, start);
        const at = place % text.length;
        if (text[at] === other) return;
        expect(parseSecret(text.slice(0, at) + other + text.slice(at + 1))).toBeNull();
      }),
      { numRuns: 5_000 },
    );
  });

  it('cannot get another prefix: the checksum covers it', () => {
    fc.assert(
      fc.property(bytes, prefix, prefix, (random, start, other) => {
        if (start === other) return;
        const text = secretOf(random, start);
        expect(parseSecret(other + text.slice(start.length))).toBeNull();
        expect(parseSecret(other + text)).toBeNull();
      }),
    );
  });

  it('is refused without its prefix, and where portal sessions and invitations have theirs', () => {
    const text = secretOf(new Uint8Array(32).fill(7), 'acme_');
    for (const start of ['', '_', 'ktp_', 'kti_', 'ACME_', 'acme-']) {
      expect(parseSecret(start + text.slice('acme_'.length))).toBeNull();
    }
    expect(parseSecret(newSecret(() => new Uint8Array(32), 'kt_').reveal())).not.toBeNull();
    expect(() => newSecret(() => new Uint8Array(32), 'ktp_')).toThrow(TypeError);
    expect(formOf(`ktp_${'a'.repeat(49)}`)).toBe('PORTAL_SESSION');
  });
});

describe('the pattern of a realm', () => {
  it('finds exactly the realm’s own secrets, in random text', () => {
    const isOverlapping = (a: string, b: string) => a.endsWith(b) || b.endsWith(a);
    const text = fc.string({ unit: fc.constantFrom(...digits, '_', '_', ' ', '"', '\n', '=', '-'), maxLength: 40 });
    fc.assert(
      fc.property(
        fc.uniqueArray(prefix, { minLength: 1, maxLength: 3 }),
        prefix,
        fc.array(fc.tuple(text, bytes, fc.nat(3)), { maxLength: 5 }),
        (own, foreign, parts) => {
          if ([...own, 'kt_'].some((each) => isOverlapping(each, foreign))) return;
          if (own.some((each) => each === 'kt_')) return;
          const prefixes = [...own, foreign];
          const starts = parts.map(([, , which]) => prefixes[which % prefixes.length] ?? foreign);
          const secrets = parts.map(([, random], index) => secretOf(random, starts[index] ?? foreign));
          const whole = parts.map(([before], index) => `${before} ${secrets[index]} `).join('');
          const found = (whole.match(new RegExp(secretPatternOf(own), 'g')) ?? []).filter((each) => parseSecret(each));
          expect(found).toEqual(secrets.filter((_, index) => own.includes(starts[index] ?? foreign)));
        },
      ),
      {
        numRuns: 500,
        // A foreign prefix that begins with an own one.
        examples: [[['9_'], '9_a_', [['', new Uint8Array(32), 1]]]],
      },
    );
  });

  it('names earlier prefixes once, the longest first, and nothing that RE2 lacks', () => {
    expect(secretPatternOf(['acme_'])).toBe('acme_[0-9A-Za-z]{49}');
    expect(secretPatternOf(['kt_', 'acme_live_', 'kt_', 'acme_'])).toBe('(?:acme_live_|acme_|kt_)[0-9A-Za-z]{49}');
  });
});

describe('texts that only resemble a secret', () => {
  it('are accepted and stay in logs: ids, digests after a name, long words', () => {
    const id = 'key_01h455vb4pex5vsknk084sn02q';
    expect(redact(id)).toBe(id);
    const others = [id, `sha_${'ab12'.repeat(16)}`, `deploy_${'a'.repeat(49)}`];
    for (const text of others) expect([text, containsSecret(text)]).toEqual([text, false]);
  });

  it('are refused with kt_ whatever the checksum, and redacted when they are cut', () => {
    expect(containsSecret(`x kt_${'0'.repeat(49)}`)).toBe(true);
    const text = secretOf(new Uint8Array(32).fill(9), 'acme_live_');
    expect(redact(text.slice(0, 41))).toBe('acme_live_[secret]');
    expect(containsSecret(`XYZ${text}`)).toBe(true);
    expect(containsSecret(`xyz${text}`)).toBe(true);
    expect(containsSecret(`xyz_${text}9`)).toBe(true);
  });
});

it('the search for secrets takes linear time in long texts, or this test would not end', () => {
  for (const hostile of ['a'.repeat(200_000), 'a_'.repeat(100_000), `${'a'.repeat(24)}_`.repeat(8_000)]) {
    expect([containsSecret(hostile), parseSecret(hostile), formOf(hostile)]).toEqual([false, null, 'FOREIGN']);
    expect(redact(hostile)).toBe(hostile);
  }
});

it('a foreign secret with two dots is not taken for a session token', () => {
  expect(formOf(`SG.${'a'.repeat(22)}.${'b'.repeat(43)}`)).toBe('FOREIGN');
  expect(formOf('eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2ln')).toBe('SESSION');
});
