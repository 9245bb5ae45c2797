import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { passwordProblem } from '../../src/accounts/password-problem.ts';
import { Passwords } from '../../src/accounts/passwords.ts';
import { RequestError } from '../../src/domain/request-error.ts';
import { systemRandom } from '../../src/store/random.ts';

const password = 'correct horse battery';

function middle(costs: number[]): number {
  return costs.sort((a, b) => a - b)[costs.length >> 1]!;
}

test('passwords: a hash is argon2id of 19 MiB, two passes and one lane, with a salt of its own', async () => {
  const passwords = new Passwords(systemRandom);
  const hashes = [await passwords.hashPassword(password), await passwords.hashPassword(password)];
  for (const hash of hashes) {
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await passwords.verifyPassword(hash, password)).toBe(true);
    expect(await passwords.verifyPassword(hash, `${password} `)).toBe(false);
  }
  expect(hashes[0]).not.toBe(hashes[1]);
});

test('passwords: another Unicode normal form of a password matches', async () => {
  const passwords = new Passwords(systemRandom);
  const hash = await passwords.hashPassword('na\u00efve p\u00e4ssword');
  expect(await passwords.verifyPassword(hash, 'nai\u0308ve pa\u0308ssword')).toBe(true);
});

test('passwords: without a stored hash the result is false, and an overlong password is refused without work', async () => {
  const passwords = new Passwords(systemRandom);
  expect(await passwords.verifyPassword(null, password)).toBe(false);
  expect(await passwords.verifyPassword(null, '')).toBe(false);
  const before = process.cpuUsage();
  expect(await passwords.verifyPassword(await passwords.hashPassword(password), 'x'.repeat(10_000_000))).toBe(false);
  expect(passwords.waitingCount).toBe(0);
  // One hash was made, about 40 ms; a second one of ten million characters would show.
  expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
});

test('passwords: an unknown account costs what a wrong password costs', { timeout: 180_000, retry: 3 }, async () => {
  const passwords = new Passwords(systemRandom);
  const hash = await passwords.hashPassword(password);
  const costOf = async (stored: string | null) => {
    const before = process.cpuUsage();
    await passwords.verifyPassword(stored, 'not the password');
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const known: number[] = [];
  const unknown: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    known.push(await costOf(hash));
    unknown.push(await costOf(null));
  }
  expect(middle(unknown) / middle(known)).toBeGreaterThan(0.9);
  expect(middle(unknown) / middle(known)).toBeLessThan(1.1);
});

test('passwords: two hashes run, 32 wait, and the next is refused with retryAfter', async () => {
  const passwords = new Passwords(systemRandom);
  const answers = await Promise.allSettled(Array.from({ length: 40 }, () => passwords.verifyPassword(null, password)));
  const refusals = answers.filter((answer) => answer.status === 'rejected').map((answer) => answer.reason as unknown);
  expect(refusals).toHaveLength(6);
  for (const refusal of refusals) {
    expect(refusal).toBeInstanceOf(RequestError);
    expect(refusal).toMatchObject({ code: 'RATE_LIMITED', details: { retryAfter: 1 } });
  }
  // The first 34 were not refused: who came first is served first.
  expect(answers.slice(0, 34).every((answer) => answer.status === 'fulfilled')).toBe(true);
  expect(passwords.waitingCount).toBe(0);
});

test('passwords: each finished hash admits one more', async () => {
  const passwords = new Passwords(systemRandom);
  const check = () => passwords.verifyPassword(null, password);
  let inside = Array.from({ length: 34 }, check);
  for (let round = 0; round < 5; round += 1) {
    const done = await Promise.race(inside.map(async (each, index) => (await each, index)));
    inside = inside.filter((_, index) => index !== done);
    const [taken, ...refused] = Array.from({ length: 3 }, check);
    inside.push(taken!);
    for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(passwords.waitingCount).toBeLessThanOrEqual(32);
  }
  expect(await Promise.all(inside)).not.toContain(true);
});

test('passwords: a failed check frees its slot', async () => {
  const passwords = new Passwords(systemRandom);
  for (let round = 0; round < 5; round += 1) {
    await expect(passwords.verifyPassword('no hash at all', password)).rejects.toThrow();
  }
  const answers = await Promise.all(Array.from({ length: 34 }, () => passwords.verifyPassword(null, password)));
  expect(answers).toHaveLength(34);
});

test('passwords: 500 at once take no more memory than two', async () => {
  const script = `
    import { Passwords } from ${JSON.stringify(new URL('../../src/accounts/passwords.ts', import.meta.url).href)};
    import { systemRandom } from ${JSON.stringify(new URL('../../src/store/random.ts', import.meta.url).href)};
    const passwords = new Passwords(systemRandom);
    const before = process.memoryUsage.rss();
    const answers = await Promise.allSettled(Array.from({ length: 500 }, () => passwords.verifyPassword(null, 'x'.repeat(1000))));
    const refusedCount = answers.filter((answer) => answer.status === 'rejected').length;
    console.log(JSON.stringify({ refusedCount, grown: process.resourceUsage().maxRSS * 1024 - before }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  const { refusedCount, grown } = JSON.parse(stdout) as { refusedCount: number; grown: number };
  expect(refusedCount).toBe(466);
  expect(grown).toBeLessThan((2 * 19 + 64) * 1024 * 1024);
});

test('passwords: a problem is described by what was found and what was expected', () => {
  const email = 'ada.lovelace@example.org';
  const problem = (text: string) => passwordProblem(text, email);
  expect(problem('twelve chars')).toBeNull();
  expect(problem('eleven char')).toBe('The password has 11 characters; expected at least 12.');
  expect(problem('🌊'.repeat(11))).toBe('The password has 11 characters; expected at least 12.');
  expect(problem('🌊'.repeat(12))).toBeNull();
  expect(problem('x'.repeat(1024))).toBeNull();
  expect(problem('x'.repeat(1025))).toBe('The password has 1025 bytes; expected at most 1024.');
  expect(problem('ü'.repeat(513))).toBe('The password has 1026 bytes; expected at most 1024.');
  expect(problem(' Ada.Lovelace@EXAMPLE.org')).toMatch(/is the email address/);
  expect(problem('\uff41da.lovelace@example.org')).toMatch(/is the email address/);
  expect(problem('half a pair \ud83c')).toMatch(/lone surrogate/);
  expect(problem('null \0 is one too')).toBeNull();
});
