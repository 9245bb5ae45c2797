import { expect, test } from 'vitest';
import { checkServerFacts, type ServerFacts } from '../../src/store/server-facts.ts';
import { ServerGuard } from '../../src/store/server-guard.ts';

const facts: ServerFacts = {
  databaseMs: 1,
  isStandby: false,
  timeline: 3,
  version: 180_004,
  versionText: '18.4',
  encoding: 'UTF8',
  replicationRole: 'origin',
  processId: 7,
};

test.for([
  ['an old PostgreSQL', { version: 140_018, versionText: '14.18' }, 'found PostgreSQL 14.18; expected PostgreSQL 15'],
  ['a standby', { isStandby: true, timeline: null }, 'found a standby'],
  ['another encoding', { encoding: 'LATIN1' }, 'found encoding LATIN1; expected UTF8'],
  ['foreign keys switched off', { replicationRole: 'replica' }, 'found session_replication_role replica'],
] as const)('server: %s is refused in one sentence', ([, found, message]) => {
  expect(() => checkServerFacts({ ...facts, ...found })).toThrow(message);
  expect(() => checkServerFacts({ ...facts, version: 150_000 })).not.toThrow();
});

test('server: a newer timeline cuts the connections of the older one, which is never admitted again', () => {
  const lines: string[] = [];
  const guard = new ServerGuard({ info: (line) => lines.push(line), warn: (line) => lines.push(line) });
  const cut: string[] = [];
  const connection = (name: string) => ({ cut: () => void cut.push(name) });
  guard.admit(connection('old'), facts);
  guard.admit(connection('untold'), { ...facts, timeline: null });
  guard.admit(connection('new'), { ...facts, timeline: 4 });
  expect(cut).toEqual(['old']);
  for (const _ of [1, 2])
    expect(() => guard.admit(connection('old again'), facts)).toThrow('found timeline 3; expected 4');
  expect(guard.refusal).toMatch(/was the primary before a failover/);
  guard.admit(connection('newer'), { ...facts, timeline: 5 });
  expect(guard.refusal).toBeNull();
  expect(lines).toEqual([expect.stringMatching(/^database refused: .*timeline 3/), 'database accepted again']);
  expect(() => guard.recheck({ ...facts, isStandby: true, timeline: null })).toThrow('found a standby');
  expect(cut).toEqual(['old', 'new', 'untold', 'newer']);
});
