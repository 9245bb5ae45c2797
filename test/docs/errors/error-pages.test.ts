import { readdirSync } from 'node:fs';
import { GraphQLUnionType, getNamedType } from 'graphql';
import { expect, test } from 'vitest';
import { exitStatus } from '../../../src/cli/exit-status.ts';
import { detailsOf, failures, type FailureName } from '../../../src/domain/failure.ts';
import { outcomeMessages } from '../../../src/domain/outcome-message.ts';
import { requestErrorStatus, type RequestErrorCode } from '../../../src/domain/request-error.ts';
import { outcomes } from '../../../src/domain/verification.ts';
import { schema } from '../../../src/graphql/schema.ts';
import { failureCauses } from './failure-causes.ts';
import { errorMeanings, errorRemedies, exitMeanings, outcomeCauses } from './other-causes.ts';

// Each code has a page of its name, so that a program can link to it: `npm run docs` writes them.

const failureNames = Object.keys(failures) as FailureName[];
const errorCodes = Object.keys(requestErrorStatus) as RequestErrorCode[];
const exitNames = Object.keys(exitStatus) as (keyof typeof exitStatus)[];

/** The mutations that may return each failure, by the schema. */
const mutationsOf = new Map<string, string[]>();
for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
  const type = getNamedType(field.type);
  if (!(type instanceof GraphQLUnionType)) continue;
  for (const { name } of type.getTypes()) mutationsOf.set(name, [...(mutationsOf.get(name) ?? []), field.name]);
}

test.each(failureNames)('docs/errors has the page of failure %s', async (name) => {
  const { code, remedy, retry } = failures[name];
  const details = Object.keys(detailsOf(name));
  const given = details.length === 0 ? [] : [`The failure also gives ${details.map(quote).join(', ')}.`];
  const mutations = mutationsOf.get(name) ?? [];
  expect(mutations.length, name).toBeGreaterThan(0);
  const again =
    retry === 'LATER'
      ? 'The same request, with the same idempotency key, may succeed later.'
      : 'The same request fails again until something changes.';
  await page(code, [
    `\`${name}\` is a [failure](../failures.md#failures-of-mutations) of a mutation. Nothing was changed.`,
    ...section('Why', bullets(failureCauses[name])),
    ...section('What to do', remedy, again),
    ...section('Where it comes up', list(mutations), ...given),
  ]);
});

/** What a key that has an outcome meets at the gateway itself. */
const refusedThere = `and as \`extensions.outcome\` of
[UNAUTHENTICATED](UNAUTHENTICATED.md) if the key calls the gateway itself`;
const atGateway: { readonly [outcome: string]: string } = {
  BROWNOUT: `but not
at the gateway itself, where the key can be renewed`,
};

test.each(outcomes.filter((outcome) => outcome !== 'VALID'))(
  'docs/errors has the page of outcome %s',
  async (outcome) => {
    const { status, cause } = outcomeCauses[outcome];
    await page(outcome, [
      `\`${outcome}\` is an [outcome](../failures.md#outcomes-of-a-verification) of a verification.`,
      ...section('Why', cause),
      ...section('What to do', `For the holder of the secret: ${outcomeMessages[outcome]}`),
      ...section(
        'Where it comes up',
        `In \`verifyKey\`, \`/verify\`, \`/auth\` and the verifier, ${atGateway[outcome] ?? refusedThere}. Your API answers its client with ${status}:
[put Keytide behind your API](../guides/verify.md#at-every-request).`,
      ),
    ]);
  },
);

test.each(errorCodes)('docs/errors has the page of error %s', async (code) => {
  await page(code, [
    `\`${code}\` is an [error of a whole request](../failures.md#errors-of-a-whole-request), with the HTTP status ${requestErrorStatus[code]}.`,
    ...section('Why', errorMeanings[code]),
    ...section('What to do', bullets(errorRemedies[code])),
    ...section(
      'Where it comes up',
      `In GraphQL as \`extensions.code\` of an error; the status may be 200 if other fields of the operation succeeded. At the
other paths as problem details (RFC 9457) with this status; their \`detail\` is the message.`,
    ),
  ]);
});

test('docs/errors has the page of the exit statuses of the command', async () => {
  const rows = exitNames.map((name) => {
    const { meaning, remedy } = exitMeanings[name];
    return `| ${exitStatus[name]} | ${meaning} | ${remedy} |`;
  });
  await page(
    'exit-status',
    [
      'These are the exit statuses of all commands of `keytide` but `check`, from BSD `sysexits.h`.',
      ['| status | meaning | what to do |', '| --- | --- | --- |', ...rows].join('\n'),
      '`keytide check` has [its own](../guides/monitor.md#check-keys): 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.',
    ],
    'Exit statuses',
  );
});

test('docs/errors has a page for each code and no other', () => {
  const codes = [...failureNames.map((name) => failures[name].code), ...outcomes, ...errorCodes, 'exit-status'];
  const expected = codes.filter((code) => code !== 'VALID').map((code) => `${code}.md`);
  expect(new Set(expected).size).toBe(expected.length);
  expect(readdirSync(new URL('../../../docs/errors/', import.meta.url)).sort()).toEqual(expected.sort());
});

async function page(code: string, parts: readonly string[], title = code): Promise<void> {
  await expect(`${[`# ${title}`, ...parts].join('\n\n')}\n`).toMatchFileSnapshot(`../../../docs/errors/${code}.md`);
}

function section(heading: string, ...parts: string[]): string[] {
  return [`## ${heading}`, ...parts];
}

function bullets(sentences: readonly string[]): string {
  return sentences.length === 1 ? (sentences[0] ?? '') : sentences.map((sentence) => `- ${sentence}`).join('\n');
}

/** Returns the names of mutations, in lines that are not longer than needed. */
function list(names: readonly string[]): string {
  return `In ${names.map(quote).join(', ')}.`;
}

function quote(text: string): string {
  return `\`${text}\``;
}
