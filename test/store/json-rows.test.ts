import { expect, test } from 'vitest';
import { populate, reviveRow } from '../../src/store/json-rows.ts';
import { openCore } from '../support/core.ts';

test('rows as JSON: SQL reads each value as it was given, whether rows have it in common or not', async () => {
  const { prisma } = await openCore();
  const at = new Date('2026-02-03T04:05:06.789Z');
  const common = { expiresAt: null, stopsAt: at, lifetimeMs: 2n ** 40n, allowedAddresses: [], standing: 'WARNED' };
  const first = { id: 'key_1', name: 'a "name" \\ with ünïcode', metadata: { a: [1] }, renewedAt: at, ...common };
  const second = { ...common, renewedAt: null, metadata: null, name: 'another', id: 'key_2' };
  const read = async (rows: readonly object[]) => {
    const found = await prisma.$queryRaw`
      SELECT id, name, metadata, "renewedAt", "expiresAt", "stopsAt", "lifetimeMs", "allowedAddresses", standing::text
      FROM ${populate('Key', rows)} r`;
    return found;
  };
  expect(await read([first, second])).toEqual([first, second]);
  // Also if the common values are those of a row that differs elsewhere, if all are common, and if there is only one row.
  expect(await read([second, first, second])).toEqual([second, first, second]);
  expect(await read([first, { ...first }])).toEqual([first, first]);
  expect(await read([first])).toEqual([first]);
});

test('rows as JSON: bytes are written and read as they are, as JSON of either form', async () => {
  const { prisma } = await openCore();
  const rows = [1, 2].map((byte) => ({
    keyId: `key_${byte}`,
    compact: Uint8Array.of(0, byte, 255),
    judgedAt: new Date(byte),
    verdicts: [],
  }));
  const [{ found, hex }] = await prisma.$queryRaw<[{ found: object[]; hex: object[] }]>`
    SELECT json_agg(r) AS found, json_agg(json_build_object('compact', encode(r.compact, 'hex'))) AS hex
    FROM ${populate('Judgement', rows)} r`;
  expect(found.map(reviveRow)).toEqual(rows);
  expect(hex.map(reviveRow)).toEqual(rows.map(({ compact }) => ({ compact })));
});
