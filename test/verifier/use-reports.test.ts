import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { foreignDigestOf } from '../../src/domain/foreign-digest.ts';
import { outcomeOf } from '../../src/domain/verification.ts';
import { parseSecret } from '../../src/domain/secret.ts';
import type { FollowLine } from '../../src/verifier/follow-lines.ts';
import { GatewayError } from '../../src/verifier/gateway-requests.ts';
import { describeWarnings, formatWarnings } from '../../src/domain/verification-warning.ts';
import { RealmCopy } from '../../src/verifier/realm-copy.ts';
import { UseReports, type UsesBody } from '../../src/verifier/use-reports.ts';

function secret(index: number) {
  return { id: `key_${index}`, secretId: `secret_${index}`, secretLow: index, secretHigh: 1, generation: 1 };
}

function openReports(answer: () => Error | null = () => null) {
  const sent: UsesBody[] = [];
  const failures: unknown[] = [];
  const reports = new UseReports({
    send: async (body) => {
      sent.push(body);
      const error = answer();
      if (error !== null) throw error;
    },
    intervalMs: 60_000,
    onFailure: (error) => void failures.push(error),
  });
  return { reports, sent, failures };
}

test('use reports: a report whose answer was lost is sent again as it is, and what came meanwhile is in the next', async () => {
  let error: Error | null = new GatewayError('lost', null);
  const { reports, sent, failures } = openReports(() => error);
  reports.note(secret(1), 'VALID', 'ci', 1_000);
  reports.note(secret(1), 'VALID', 'ci', 3_000);
  await reports.flush();
  reports.note(secret(1), 'VALID', 'ci', 4_000);
  reports.note(secret(2), 'KEY_REVOKED', '', 5_000);
  error = null;
  await reports.flush();
  await reports.close();
  expect(failures).toHaveLength(1);
  const [first, again, next] = sent;
  expect(again).toBe(first);
  const day = '1970-01-01';
  const of = { consumer: 'ci', generation: 1, keyId: 'key_1', day, outcome: 'VALID' };
  expect(first).toMatchObject({
    watermark: 3_000,
    more: false,
    items: [{ ...of, first: 1_000, last: 3_000, count: 2 }],
  });
  expect(next).toMatchObject({
    reporter: first?.reporter,
    watermark: 5_000,
    items: [
      { ...of, first: 4_000, last: 4_000, count: 1 },
      { keyId: 'key_2', consumer: '', outcome: 'KEY_REVOKED', count: 1 },
    ],
  });
  expect(sent).toHaveLength(3);
});

test('use reports: many uses are sent in parts with rising watermarks; only a report that the gateway refuses is dropped', async () => {
  const answers: (Error | null)[] = [null, new GatewayError('bad', 400), new GatewayError('busy', 503)];
  const { reports, sent, failures } = openReports(() => answers.shift() ?? null);
  for (let index = 0; index < 2_500; index += 1) reports.note(secret(index), 'VALID', '', 9_000 + index);
  await reports.flush();
  expect(sent.map(({ items, more }) => [items.length, more])).toEqual([
    [1_000, true],
    [1_000, true],
    [500, false],
  ]);
  await reports.close();
  expect([sent.length, failures.length]).toEqual([4, 2]);
  expect(sent[3]).toBe(sent[2]);
  const watermarks = sent.map(({ watermark }) => watermark);
  expect(watermarks).toEqual(watermarks.toSorted((a, b) => a - b));
  expect(watermarks.at(-1)).toBe(9_000 + 2_499);
});

interface Vectors {
  readonly secrets: readonly {
    readonly secret: string;
    readonly isWellFormed: boolean;
    readonly digest: string;
    /** Of a foreign secret: the digest under which the realm has it. */
    readonly foreignDigest?: string;
  }[];
  readonly lines: readonly FollowLine[];
  readonly cases: readonly {
    readonly name: string;
    readonly secret: string;
    readonly action?: string;
    readonly resource?: string;
    readonly at: number;
    readonly outcome: string | null;
    readonly mayAnswerFromMemory: boolean;
    readonly warning?: string;
  }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../docs/verifier-vectors.json', import.meta.url), 'utf8'),
) as Vectors;

test('verifier vectors: the library reads the lines and decides each case as docs/verifier-vectors.json says', () => {
  const copy = new RealmCopy(100);
  for (const line of vectors.lines) copy.apply(line);
  const decided = vectors.cases.map(({ name, secret: text, action, resource, at }) => {
    const found = copy.find(text.trim());
    const purpose = action === undefined || resource === undefined ? null : { action, resource };
    const outcome = found === undefined ? null : outcomeOf(found, purpose, new Date(at));
    const warned = outcome === 'VALID' && found !== undefined ? formatWarnings(describeWarnings(found.warnings)) : null;
    const warning = warned === null ? {} : { warning: warned };
    return { name, outcome, mayAnswerFromMemory: outcome === 'VALID' || outcome === 'KEY_REVOKED', ...warning };
  });
  expect(decided).toEqual(
    vectors.cases.map(({ name, outcome, mayAnswerFromMemory, warning }) => {
      return { name, outcome, mayAnswerFromMemory, ...(warning !== undefined && { warning }) };
    }),
  );
  expect(new Set(decided.map(({ outcome }) => outcome)).size).toBe(9);
  for (const { secret: text, isWellFormed, digest, foreignDigest } of vectors.secrets) {
    if (foreignDigest !== undefined) expect(foreignDigestOf('realm_1', digest).toString('hex')).toBe(foreignDigest);
    expect([text, parseSecret(text) !== null, createHash('sha256').update(text).digest('hex')]).toEqual([
      text,
      isWellFormed,
      digest,
    ]);
  }
});
