import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ceilingProblem,
  covers,
  includesScope,
  isReserved,
  reservedActions,
  scopeProblem,
  type Scope,
} from '../../src/domain/scope.ts';

const exactly = { foldsCase: false };
const folding = { foldsCase: true };
const scope = (action: string, resource = '**'): Scope => ({ action, resource });

const action = fc.constantFrom('package:push', 'package:push-version', 'package:sign:x', 'report', 'keytide:read');
const actionPattern = fc.oneof(action, fc.constantFrom('*', 'package:*', 'package:sign:*', 'report:*', 'keytide:*'));
const resource = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 4 });
const pattern = fc
  .array(fc.constantFrom('a', 'b', '/', '*', '**'), { maxLength: 5 })
  .map((signs) => signs.join('').replace(/\*{3,}/g, '**'));
const granted = fc.array(fc.record({ action: actionPattern, resource: pattern }), { maxLength: 4 });

describe('covers', () => {
  const key = [scope('package:push', 'Serilog.*'), scope('package:unlist', 'Serilog.Sinks.Console')];

  it('allows what one of the scopes names, and nothing else', () => {
    expect(covers(key, 'package:push', 'Serilog.Sinks.File', exactly)).toBe(true);
    expect(covers(key, 'package:unlist', 'Serilog.Sinks.Console', exactly)).toBe(true);
    expect(covers(key, 'package:unlist', 'Serilog.Sinks.File', exactly)).toBe(false);
    expect(covers(key, 'package:push-version', 'Serilog.Sinks.File', exactly)).toBe(false);
    expect(covers(key, 'package', 'Serilog.Sinks.File', exactly)).toBe(false);
    expect(covers([], 'package:push', 'Serilog.Sinks.File', exactly)).toBe(false);
  });

  it('folds case in resources where the realm does, never in actions', () => {
    expect(covers(key, 'package:push', 'SERILOG.Sinks', exactly)).toBe(false);
    expect(covers(key, 'package:push', 'SERILOG.Sinks', folding)).toBe(true);
    expect(covers(key, 'Package:Push', 'Serilog.Sinks', folding)).toBe(false);
  });

  it('reads * and prefix:* of a ceiling as all actions and a family of them', () => {
    expect(covers([scope('*')], 'package:push', 'a', exactly)).toBe(true);
    expect(covers([scope('package:*')], 'package:push', 'a', exactly)).toBe(true);
    expect(covers([scope('package:*')], 'package', 'a', exactly)).toBe(false);
    expect(covers([scope('package:*')], 'packages:push', 'a', exactly)).toBe(false);
    expect(covers([scope('pack*')], 'package:push', 'a', exactly)).toBe(false);
  });

  it('lets no wildcard match a reserved action, however it is written', () => {
    for (const reserved of [...Object.keys(reservedActions), 'keytide:later', 'KEYTIDE:verify', 'Keytide:']) {
      expect(isReserved(reserved)).toBe(true);
      for (const wide of ['*', 'keytide:*', 'KEYTIDE:*']) {
        expect(covers([scope(wide)], reserved, 'a', folding)).toBe(false);
        expect(includesScope([scope(wide)], scope(reserved, 'a'), folding)).toBe(false);
      }
      expect(covers([scope(reserved)], reserved, 'a', exactly)).toBe(true);
      expect(includesScope([scope(reserved)], scope(reserved, 'a'), exactly)).toBe(true);
    }
    expect(isReserved('keytides:verify')).toBe(false);
  });
});

describe('includesScope', () => {
  it.each([
    ['a pattern by itself', scope('package:*'), scope('package:*', 'a/*'), true],
    ['a family by all', scope('*'), scope('package:*'), true],
    ['a family by a wider one', scope('package:*'), scope('package:sign:*'), true],
    ['all by a family', scope('package:*'), scope('*'), false],
    ['a family by a narrower one', scope('package:sign:*'), scope('package:*'), false],
    ['a family by an action', scope('package:push'), scope('package:*'), false],
    ['a wider resource', scope('package:push', 'a/*'), scope('package:push', 'a/**'), false],
    ['a narrower resource', scope('package:push', 'a/**'), scope('package:push', 'a/*/b'), true],
    ['a malformed resource', scope('*', '**'), scope('package:push', '***'), false],
  ])('%s', (_, outer, inner, expected) => {
    expect(includesScope([scope('report'), outer], inner, exactly)).toBe(expected);
  });

  it('never includes what covers more: a child can do nothing that its parent cannot', () => {
    fc.assert(
      fc.property(
        granted,
        fc.record({ action: actionPattern, resource: pattern }),
        fc.array(fc.tuple(action, resource), { minLength: 20, maxLength: 20 }),
        fc.boolean(),
        (parent, child, uses, foldsCase) => {
          if (!includesScope(parent, child, { foldsCase })) return;
          for (const [used, on] of uses) {
            if (covers([child], used, on, { foldsCase })) {
              expect(covers(parent, used, on, { foldsCase })).toBe(true);
            }
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('includes every single use that is covered, written as a scope', () => {
    fc.assert(
      fc.property(granted, action, resource, (parent, used, on) => {
        expect(includesScope(parent, scope(used, on), exactly)).toBe(covers(parent, used, on, exactly));
      }),
    );
  });
});

describe('scopeProblem', () => {
  const long = 'x'.repeat(600);

  it.each([
    [scope('package:push', 'Serilog.*')],
    [scope('package:push', '**/a*b/[x]{y}?\\.-')],
    [scope('keytide:verify', '**')],
    [scope('a'.repeat(64), '🦀'.repeat(512))],
  ])('finds nothing wrong with %j', (good) => {
    expect(scopeProblem(good)).toBeNull();
    expect(ceilingProblem(good)).toBeNull();
  });

  it.each([
    [scope('', 'a'), 'action has 0 characters; expected at least 1'],
    [scope('a', ''), 'resource has 0 characters; expected at least 1'],
    [scope('a'.repeat(65), 'a'), 'action has 65 characters; at most 64 are accepted'],
    [scope('a', long), 'resource has 600 characters; at most 512 are accepted'],
    [scope('a\0b', 'a'), 'action has a control character, U+0000 at character 2; none is accepted'],
    [scope('a', 'a\u0085'), 'resource has a control character, U+0085 at character 2; none is accepted'],
    [
      scope('a', '🦀\ud800x'),
      'resource has half of a surrogate pair, U+D800 at character 2; expected well-formed Unicode',
    ],
    [scope(' a', 'a'), 'action " a" begins or ends with white space; remove it'],
    [scope('a', 'a\u00a0'), 'resource "a\u00a0" begins or ends with white space; remove it'],
    [scope('a', '  '), 'resource has only white space; expected visible characters'],
    [scope('a', 'x/***'), 'resource x/***: *** is not a wildcard; write * (within a segment) or ** (across /)'],
    [
      scope('keytide:write', '**'),
      'action keytide:write is not a reserved action; reserved actions are keytide:verify, keytide:read, keytide:issue, keytide:follow, keytide:manage',
    ],
    [
      scope('Keytide:verify', '**'),
      'action Keytide:verify is not a reserved action; reserved actions are keytide:verify, keytide:read, keytide:issue, keytide:follow, keytide:manage',
    ],
  ])('refuses %j for keys and ceilings', (bad, problem) => {
    expect(scopeProblem(bad)).toBe(problem);
    expect(ceilingProblem(bad)).toBe(problem);
  });

  it('refuses wildcards in the actions of a key', () => {
    for (const wild of ['*', 'package:*', 'pack*', 'a*b']) {
      expect(scopeProblem(scope(wild))).toBe(`action ${wild} has a wildcard; name a key's actions one by one`);
    }
  });
});

describe('ceilingProblem', () => {
  it('accepts all actions, and families of them', () => {
    for (const wild of ['*', 'package:*', 'package:sign:*']) expect(ceilingProblem(scope(wild))).toBeNull();
  });

  it('refuses a wildcard anywhere else', () => {
    for (const wild of ['pack*', '*:push', 'package:*:x', '**', ':*', '*:*', 'package*:*']) {
      expect(ceilingProblem(scope(wild))).toBe(
        `action ${wild} has a wildcard in the wrong place; write an action, prefix:* or *`,
      );
    }
  });

  it('refuses a wildcard for reserved actions, which it would not match', () => {
    expect(ceilingProblem(scope('keytide:*'))).toBe(
      'action keytide:* has a wildcard for reserved actions; name them one by one: ' +
        'keytide:verify, keytide:read, keytide:issue, keytide:follow, keytide:manage',
    );
  });

  it('never throws, and agrees with scopeProblem where the action has no wildcard', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 70 });
    fc.assert(
      fc.property(anything, anything, (first, second) => {
        const found = scopeProblem(scope(first, second));
        if (!first.includes('*')) expect(ceilingProblem(scope(first, second))).toBe(found);
        if (found === null) expect(covers([scope(first, '**')], first, second, exactly)).toBe(true);
      }),
    );
  });
});
