import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Sensitive } from '../../src/domain/sensitive.ts';

test('sensitive: every usual way of printing shows the mask; reveal returns the value', () => {
  const password = new Sensitive('KTCANARY-one');
  const printed = [
    String(password),
    `${password}`,
    'x' + password,
    JSON.stringify({ password }),
    inspect({ password }, { depth: 9, showHidden: true }),
    format('%s %o %j', password, password, password),
    Object.values(password).join(),
  ];
  for (const text of printed) expect(text).not.toContain('KTCANARY');
  expect(JSON.stringify({ password })).toBe('{"password":"[secret]"}');
  expect(password.reveal()).toBe('KTCANARY-one');
});

test('sensitive: bytes are not printed either', () => {
  const key = new Sensitive(new Uint8Array([222, 173, 190, 239]));
  expect(inspect(key, { showHidden: true })).toBe('[secret]');
  expect(JSON.stringify(key)).not.toMatch(/222|173/);
});
