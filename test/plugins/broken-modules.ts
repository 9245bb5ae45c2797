import type { PolicyCheck } from '../../src/policies/check/policy-checks.ts';

/** A module that does not keep the contract, and what is to be found of it: these checks, and what the report says. */
interface BrokenModule {
  readonly is: string;
  readonly code: string;
  readonly fails: readonly PolicyCheck[];
  readonly says: string;
}

const reason = `reason: { code: 'X', sentence: 'A reason.' }`;
const silent = `{ warnAt: null, holdAt: null, expireAt: null, ${reason} }`;

function deciding(decision: string, { before = '', declared = `name: 'broken'` } = {}): string {
  return `
    import { definePolicy, z, DAY } from '#policy';
    ${before}
    export default definePolicy({
      ${declared}, version: '1', title: 'Broken', summary: 'A module that is broken.', config: z.strictObject({}),
      ${decision},
    });`;
}

const warnedAt = (at: string) => `dormancy: (facts, config, moment) => ({ ...${silent}, warnAt: ${at} })`;

export const brokenModules: readonly BrokenModule[] = [
  { is: 'no TypeScript', code: 'export const x = ', fails: ['loads'], says: 'SyntaxError' },
  { is: 'without a default', code: 'export const policy = {}', fails: ['loads'], says: 'it has no default export' },
  { is: 'a number', code: 'export default 3', fails: ['declares'], says: 'expected object, received number' },
  { is: 'throwing as it loads', code: `throw new Error('not today')`, fails: ['loads'], says: 'not today' },
  { is: 'looping as it loads', code: 'for (;;);', fails: ['loads'], says: 'no reply within 5 seconds' },
  {
    is: 'called by a name that no binding could write',
    code: deciding(`dormancy: () => (${silent})`, { declared: `name: 'My Policy'` }),
    fails: ['declares'],
    says: 'name: expected lower case letters, digits and hyphens',
  },
  {
    is: 'reading what is not to be read',
    code: deciding(`reads: ['SECRETS'], dormancy: () => (${silent})`),
    fails: ['declares'],
    says: 'reads: 0: Invalid option',
  },
  {
    is: 'without a decision',
    code: deciding(`reads: []`),
    fails: ['declares'],
    says: 'expected at least one of expiry, renewal and dormancy',
  },
  {
    is: 'wanting a configuration, without an example',
    code: `
      import { definePolicy, z } from '#policy';
      export default definePolicy({
        name: 'broken', version: '1', title: 'Broken', summary: 'Broken.', config: z.strictObject({ days: z.int() }),
        dormancy: () => (${silent}),
      });`,
    fails: ['configures'],
    says: 'give examples',
  },
  {
    is: 'with an example that its own schema refuses',
    code: `
      import { definePolicy, z } from '#policy';
      export default definePolicy({
        name: 'broken', version: '1', title: 'Broken', summary: 'Broken.',
        config: z.strictObject({}).meta({ examples: [{ days: 3 }] }),
        dormancy: () => (${silent}),
      });`,
    fails: ['configures'],
    says: '{"days":3} is refused',
  },
  {
    is: 'importing a part of Node',
    code: deciding(`dormancy: () => (${silent})`, { before: `import 'node:fs';` }),
    fails: ['imports'],
    says: 'it imports node:fs',
  },
  {
    is: 'importing a file beside it, of which a gateway knows nothing',
    code: deciding(`dormancy: () => (${silent})`, { before: `import './broken.ts';` }),
    fails: ['imports'],
    says: 'it imports ./broken.ts',
  },
  {
    is: 'throwing for some keys',
    code: deciding(`dormancy({ key }) { if (key.renewalCount > 2) throw new Error('too often'); return ${silent}; }`),
    fails: ['total'],
    says: 'dormancy throws Error: too often',
  },
  {
    is: 'looping for some keys',
    code: deciding(`dormancy({ key }) { while (key.renewalCount > 2); return ${silent}; }`),
    fails: ['total'],
    says: 'while called with {}: no reply within 5 seconds',
  },
  {
    is: 'ending the process',
    code: deciding(`dormancy: () => process.exit(0)`),
    fails: ['total'],
    says: 'it ended the process',
  },
  {
    is: 'taking all memory',
    code: deciding(`dormancy() { const all = []; for (;;) all.push(new Array(100_000).fill(Math.PI)); }`),
    fails: ['total'],
    says: 'ERR_WORKER_OUT_OF_MEMORY',
  },
  {
    is: 'answering a promise',
    code: deciding(`async dormancy() { return ${silent}; }`),
    fails: ['bounded'],
    says: 'dormancy: warnAt: ',
  },
  {
    is: 'answering a fraction of a millisecond',
    code: deciding(warnedAt('facts.use.activeAt + DAY / 7')),
    fails: ['bounded'],
    says: 'dormancy: warnAt: ',
  },
  {
    is: 'answering what is no number',
    code: deciding(warnedAt('facts.key.lifetime / 0 * 0')),
    fails: ['bounded'],
    says: 'received NaN',
  },
  {
    is: 'answering an instant after the year 9999',
    code: deciding(warnedAt('Number.MAX_SAFE_INTEGER')),
    fails: ['bounded'],
    says: 'dormancy: warnAt: Too big',
  },
  {
    is: 'holding before it warns',
    code: deciding(
      `dormancy: ({ use }) => ({ ...${silent}, warnAt: use.activeAt + 2 * DAY, holdAt: use.activeAt + DAY })`,
    ),
    fails: ['bounded'],
    says: 'expected warnAt before holdAt',
  },
  {
    is: 'asking for a shortest life that is longer than the longest',
    code: deciding(`expiry: () => ({ request: { shortest: 2, longest: 1, default: null }, cap: null, ${reason} })`),
    fails: ['bounded'],
    says: 'expiry: request: shortest is longer than longest',
  },
  {
    is: 'giving no reason',
    code: deciding(`dormancy: () => ({ ...${silent}, reason: { code: 'because', sentence: '' } })`),
    fails: ['bounded'],
    says: 'reason.code: expected UPPER_CASE',
  },
  {
    is: 'changing what it is given',
    code: deciding(`dormancy({ use }) { use.days.sort(); use.activeAt = 0; return ${silent}; }`),
    fails: ['pure'],
    says: 'dormancy throws TypeError: Cannot assign to read only property',
  },
  {
    is: 'reading the clock',
    code: deciding(`dormancy() { Date.now(); new Date(); return ${silent}; }`),
    fails: ['pure'],
    says: 'dormancy uses a clock (Date.now)',
  },
  {
    is: 'reading the clock as it loads',
    code: deciding(`dormancy: () => (${silent})`, { before: 'performance.now();' }),
    fails: ['pure'],
    says: 'it uses a clock (now) while it loads',
  },
  {
    is: 'reading the time zone of the machine',
    code: deciding(`dormancy({ use }) { new Date(use.activeAt).getHours(); return ${silent}; }`),
    fails: ['pure'],
    says: 'the time zone of the machine (getHours)',
  },
  {
    is: 'drawing lots',
    code: deciding(`dormancy() { Math.random(); return ${silent}; }`),
    fails: ['pure'],
    says: 'randomness (random)',
  },
  {
    is: 'reading the environment',
    code: deciding(`dormancy() { process.env; return ${silent}; }`),
    fails: ['pure'],
    says: 'the process (process)',
  },
  {
    is: 'counting how often it was asked',
    code: deciding(`dormancy: () => ({ ...${silent}, reason: { code: 'N' + (count += 1), sentence: 'A.' } })`, {
      before: 'let count = 0;',
    }),
    fails: ['deterministic'],
    says: '"code":"N2000"',
  },
  {
    is: 'remembering the keys it has seen',
    code: deciding(
      `dormancy: ({ key }) => ({ ...${silent}, warnAt: seen.size === seen.add(key.createdAt).size ? Date.UTC(2027) : null })`,
      { before: 'const seen = new Set();' },
    ),
    fails: ['deterministic'],
    says: 'and then',
  },
  {
    is: 'counting from the moment of asking',
    code: deciding(
      `expiry: (facts, config, moment) => ({ request: null, cap: { at: moment, basis: 'HARD' }, ${reason} })`,
    ),
    fails: ['timeless'],
    says: 'cap is ',
  },
  {
    is: 'forgetting keys that were never used',
    code: deciding(warnedAt('facts.use.lastUsedAt === null ? null : Date.UTC(2027)')),
    fails: ['age', 'use'],
    says: 'and null for the same key never used',
  },
  {
    is: 'ending what is used',
    code: deciding(
      `expiry: ({ key, use }) => ({
        request: null,
        cap: { at: key.createdAt + 4000 * DAY - (use.activeAt - key.createdAt), basis: 'HARD' },
        ${reason},
      })`,
    ),
    fails: ['use'],
    says: 'and with a use at ',
  },
  {
    is: 'slow for some keys',
    code: deciding(
      `dormancy({ key }) { if (key.renewalCount > 2) for (let n = 0; n < 5e8; n += 1) key.id; return ${silent}; }`,
    ),
    fails: ['fast'],
    says: 'a key takes ',
  },
  {
    is: 'counting from a renewal that never was',
    code: deciding(
      `expiry: ({ key }) => ({ request: null, cap: { at: key.renewedAt + 30 * DAY, basis: 'HARD' }, ${reason} })`,
    ),
    fails: ['counted'],
    says: 'cap is 1970-01-31T00:00:00.000Z, before any key was issued',
  },
  {
    is: 'counting from the moment of asking for keys of one label and name alone',
    code: deciding(
      `expiry({ key }, config, moment) {
        const isMine = key.labels['policy/tier'] === 'ci' && key.name.startsWith('nightly-');
        return { request: null, cap: isMine ? { at: moment + DAY, basis: 'HARD' } : null, ${reason} };
      }`,
    ),
    fails: ['timeless'],
    says: 'cap is ',
  },
  {
    is: 'throwing for keys of one label alone',
    code: deciding(
      `dormancy({ key }) { if (key.labels['policy/tier'] === 'ci') throw new Error('no ci'); return ${silent}; }`,
    ),
    fails: ['total'],
    says: 'dormancy throws Error: no ci',
  },
  {
    is: 'throwing for keys of a label that is its default, and of an action',
    code: `
      import { definePolicy, z } from '#policy';
      export default definePolicy({
        name: 'broken', version: '1', title: 'Broken', summary: 'Broken.',
        config: z.strictObject({ team: z.string().default('payments') }),
        dormancy({ key }, { team }) {
          const isMine = key.labels.team === team && key.scopes.some(({ action }) => action === 'ledger:write');
          if (isMine) throw new Error('no ledger');
          return ${silent};
        },
      });`,
    fails: ['total'],
    says: 'dormancy throws Error: no ledger',
  },
];
