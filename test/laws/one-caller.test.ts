import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { Sealer } from '../../src/store/sealing.ts';
import type { KeyWorld } from '../support/key-world.ts';
import { checkLaw, TIMEOUT } from './check-law.ts';
import type { History } from './history.ts';
import type { Command } from './model-commands.ts';

/** A rotation that is undone, and one that is confirmed. */
const endedRotations: History = {
  lifetimeDays: null,
  steps: [
    { kind: 'command', command: { do: 'rotate', who: 'owner', graceMs: DAY_MS }, isRepeatable: true },
    { kind: 'command', command: { do: 'undo', who: 'owner' }, isRepeatable: false },
    { kind: 'command', command: { do: 'rotate', who: 'owner', graceMs: DAY_MS }, isRepeatable: true },
    { kind: 'command', command: { do: 'confirm', who: 'owner' }, isRepeatable: false },
  ],
};

test(
  'law 8: only a rotation shows a secret; no row or event contains one, and nothing in the database opens what is sealed',
  { timeout: TIMEOUT },
  async () => {
    const shown = new Set<string>();
    const world = await checkLaw(
      ({ secrets, results }) => {
        for (const text of secrets.values()) shown.add(text);
        for (const { command, text } of results) if (!createsSecret(command)) expect(text ?? null).toBeNull();
      },
      { mix: { rotate: 20, repeat: 20, verify: 8 }, runs: 6, examples: [endedRotations] },
    );
    expect(shown.size).toBeGreaterThanOrEqual(6);
    const rows = await everyRow(world);
    expect(rows.length).toBeGreaterThan(50);
    const all = rows.join('\n');
    for (const text of shown) {
      const random = text.slice('kt_'.length, 'kt_'.length + 43);
      for (const form of [
        random,
        Buffer.from(text).toString('hex'),
        Buffer.from(text).toString('base64').slice(4, -4),
      ]) {
        expect(all.includes(form)).toBe(false);
      }
    }
    await expectSealed(world);
  },
);

/** Whether a command, or a repetition of it, may show a secret: only if it replaces the key’s secret. */
function createsSecret(command: Command | undefined): boolean {
  return command?.do === 'rotate' || (command?.do === 'renew' && command.mode === 'ROTATE');
}

/** Returns every row of every table, as text. */
async function everyRow({ prisma }: KeyWorld): Promise<string[]> {
  const tables = await prisma.$queryRaw<{ name: string }[]>`
    SELECT quote_ident(table_name) AS name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`;
  expect(tables.length).toBeGreaterThan(10);
  const rows = tables.map(({ name }) =>
    prisma.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM ${name} t`),
  );
  return (await Promise.all(rows)).flat().map(({ row }) => row);
}

/** A stolen database contains digests, ids and sealed texts, but neither the sealing key nor any idempotency key. */
async function expectSealed({ prisma, random }: KeyWorld): Promise<void> {
  const records = await prisma.idempotencyRecord.findMany({ where: { sealed: { not: null } } });
  expect(records.length).toBeGreaterThan(0);
  const accounts = await prisma.account.findMany();
  for (const { sealed, digest, inputDigest } of records) {
    for (const sealingKey of [digest, inputDigest, new Uint8Array(32)]) {
      const sealer = new Sealer(new Uint8Array(sealingKey), random);
      const guesses = accounts.map(({ id }) => sealer.derive('repeat', '', id));
      for (const guess of [sealer, ...guesses]) expect(() => guess.open(sealed!, 'repeat')).toThrow();
    }
  }
}
