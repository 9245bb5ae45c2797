import * as fc from 'fast-check';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { limits } from '../../src/graphql/limits/limit-table.ts';
import { schema } from '../../src/graphql/schema.ts';
import { openGateway } from '../support/gateway.ts';
import { oracleMeasures } from './oracle-measures.ts';
import { randomDocument } from './random-document.ts';

const RUN_COUNT = process.env['KEYTIDE_TEST_LONG'] ? 20_000 : 600;

/** Counts stop at this number. */
const NUMBERS_STOP_AT = 1e12;

test(
  'limits: a random document is accepted exactly when an independent measurement is within every limit',
  { timeout: 1_800_000 },
  async () => {
    const gateway = await openGateway({ isOpen: true });
    const met = new Map<string, number>();
    const meet = (name: string) => met.set(name, (met.get(name) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(randomDocument, async ({ query, variables }) => {
        const document = parse(query);
        const measures = oracleMeasures(document, variables);
        fc.pre(measures !== null && validate(schema, document).length === 0);
        const over = (Object.keys(limits) as (keyof typeof limits)[])
          .filter((limit) => (measures[limit] ?? 0) > limits[limit].accepted)
          .map((limit) => ({
            limit,
            found: Math.min(measures[limit]!, NUMBERS_STOP_AT),
            accepted: limits[limit].accepted,
          }));
        const tokens = document.tokenCount! > limits.tokens.accepted;
        const { status, errors = [] } = await gateway.ask(query, variables);
        const refusals = errors.filter(({ extensions }) => extensions['code'] === 'QUERY_TOO_COSTLY');
        const told = refusals.map(({ extensions: { code: _code, ...rest } }) => rest);
        if (tokens) {
          meet('tokens');
          expect(told).toEqual([{ limit: 'tokens', found: 1001, accepted: 1000 }]);
        } else if (over.length > 0) {
          for (const { limit } of over) meet(limit);
          expect(told).toEqual(over);
          expect(status).toBe(400);
        } else {
          meet('within');
          expect(
            errors.filter(({ extensions }) =>
              ['QUERY_TOO_COSTLY', 'BAD_USER_INPUT', 'INTERNAL_SERVER_ERROR'].includes(extensions['code']),
            ),
          ).toEqual([]);
        }
      }),
      // A smaller counterexample would take longer to find than to read.
      { numRuns: RUN_COUNT, endOnFailure: true },
    );
    // Both sides of each limit have to come up, or nothing is shown of it.
    expect([...met.keys()].sort()).toEqual(
      expect.arrayContaining([
        'aliases',
        'breadth',
        'cost',
        'depth',
        'directives',
        'introspection',
        'signIns',
        'within',
      ]),
    );
    if (process.env['KEYTIDE_TEST_SHOW']) process.stdout.write(`${JSON.stringify([...met])}\n`);
  },
);
