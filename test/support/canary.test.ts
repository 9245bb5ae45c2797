import { expect, test } from 'vitest';
import { newSecret } from '../../src/domain/secret.ts';
import { Canary, MARKER } from './canary.ts';

test('canary: its secrets contain the marker, are all different, and their shown start does not contain it', () => {
  const canary = new Canary();
  const secrets = Array.from({ length: 50 }, () => newSecret(canary.random));
  expect(new Set(secrets.map((secret) => secret.reveal())).size).toBe(50);
  for (const secret of secrets) {
    expect(secret.reveal()).toContain(MARKER);
    expect(canary.findIn(secret.start)).toEqual([]);
  }
});

test('canary: a secret is found whole or in part, in any case, in hexadecimal and in base64 at any offset', () => {
  const canary = new Canary();
  const text = newSecret(canary.random).reveal();
  canary.watch('secret', text);
  for (const around of ['', 'x', 'xy', 'xyz']) {
    const bytes = Buffer.from(`${around}${text}${around}`);
    for (const form of [
      bytes.toString('utf8'),
      bytes.toString('hex'),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ]) {
      expect(canary.findIn(`before ${form} after`), form).not.toEqual([]);
      expect(canary.findIn(form.toUpperCase()), form).not.toEqual([]);
    }
  }
  expect(canary.findIn(`…${text.slice(12, 28)}`)).not.toEqual([]);
});

test('canary: text that only resembles a secret is not found', () => {
  const canary = new Canary();
  canary.watch('secret', newSecret(canary.random).reveal());
  expect(canary.findIn(newSecret((size) => new Uint8Array(size).fill(77)).reveal())).toEqual([]);
  expect(canary.findIn('KTCANAR Y')).toEqual([]);
});
