import type { GraphQLObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { isRule, tableRetention } from '../../src/compose/table-retention.ts';
import { describeDuration } from '../../src/domain/duration.ts';
import { eventTypes, type EventType } from '../../src/domain/event.ts';
import { eventFields } from '../../src/domain/event-detail.ts';
import type { Fields } from '../../src/domain/event-field.ts';
import { detailsOf, failures, type FailureName } from '../../src/domain/failure.ts';
import { permissions } from '../../src/domain/permission.ts';
import { requestErrorStatus } from '../../src/domain/request-error.ts';
import { outcomeMessages } from '../../src/domain/outcome-message.ts';
import { outcomes } from '../../src/domain/verification.ts';
import { detailTypeName } from '../../src/graphql/event/event-detail.ts';
import { eventDescriptions } from '../../src/graphql/event/event-descriptions.ts';
import { limits } from '../../src/graphql/limits/limit-table.ts';
import { schema } from '../../src/graphql/schema.ts';
import { GRAPHQL_BODY_MAX, GRAPHQL_BULK_BODY_MAX } from '../../src/http/graphql-route.ts';
import { namesOf } from '../../src/settings/settings.ts';
import { settingTable } from '../../src/settings/table.ts';
import { openGateway } from '../support/gateway.ts';
import { errorMeanings } from './errors/other-causes.ts';

// These pages are generated from the code: `npm run docs` writes them.

test('docs/settings.md has every setting', async () => {
  const rows = Object.values(settingTable).map((row) => [
    namesOf(row).map(code).join('<br>'),
    row.description,
    row.kind.accepts,
    row.defaultText,
  ]);
  await page(
    'settings',
    'Settings',
    settingsIntroduction,
    ['setting', 'description', 'accepted values', 'default'],
    rows,
  );
});

test('docs/permissions.md has every permission', async () => {
  const rows = Object.entries(permissions).map(([capability, relations]) => [
    code(capability),
    relations.map(code).join(' '),
  ]);
  await page('permissions', 'Who may do what', permissionsIntroduction, ['may', 'who'], rows);
});

test('docs/failures.md has every failure, outcome and error code', async () => {
  const failureRows = Object.entries(failures).map(([name, { code: stable, remedy, retry }]) => [
    code(name),
    link(stable),
    Object.keys(detailsOf(name as FailureName))
      .map(code)
      .join(' '),
    retry === 'LATER' ? 'later' : 'no',
    remedy,
  ]);
  const outcomeRows = outcomes.map((outcome) => [
    outcome === 'VALID' ? code(outcome) : link(outcome),
    outcomeMessages[outcome],
  ]);
  const errorRows = Object.entries(requestErrorStatus).map(([name, status]) => [
    link(name),
    String(status),
    errorMeanings[name as keyof typeof requestErrorStatus],
  ]);
  const text = [
    '# Failures and errors',
    failuresIntroduction,
    '## Failures of mutations',
    'An idempotency key keeps no failure. “later”: the same request, with the same idempotency key, may succeed later.',
    table(['failure', 'code', 'details', 'retry unchanged', 'what to do'], failureRows),
    '## Outcomes of a verification',
    'If several apply, the first in this table is returned.',
    table(['outcome', 'message'], outcomeRows),
    '## Errors of a whole request',
    'These are GraphQL errors, with `extensions.code`.',
    table(['code', 'HTTP status', 'when'], errorRows),
  ];
  await expect(`${text.join('\n\n')}\n`).toMatchFileSnapshot('../../docs/failures.md');
});

test('docs/events.md has every type of event', async () => {
  const rows = eventTypes.map((type) => [code(type), eventDescriptions[type], fieldsOfDetail(type)]);
  await page('events', 'Events', eventsIntroduction, ['type', 'when', 'fields'], rows);
});

test('docs/limits.md has every limit on an operation', async () => {
  const rows = Object.entries(limits).map(([name, { accepted, rule }]) => [code(name), number(accepted), rule]);
  const size = `${number(GRAPHQL_BODY_MAX / 1000)} kB`;
  const bulkSize = `${number(GRAPHQL_BULK_BODY_MAX / 1_000_000)} MB`;
  const what = `The whole request. ${bulkSize} for a mutation with a bulk list, over HTTP and with a valid Authorization header. Refused with 413 and \`BAD_USER_INPUT\`.`;
  const body = [size, what];
  const head = ['limit', 'at most', 'what counts'];
  await page('limits', 'Limits on operations', limitsIntroduction, head, [...rows, ['body', ...body]]);
});

test('docs/retention.md has every table', async () => {
  const rows = Object.entries(tableRetention)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, entries]) =>
      entries.map((entry) => {
        const until = isRule(entry) ? describeEnd(entry) : entry.until;
        return [code(name), entry.rows, until, entry.why];
      }),
    );
  await page('retention', 'Retention', retentionIntroduction, ['table', 'rows', 'retained', 'why'], rows);
});

test('docs/metrics.md has every metric', async () => {
  const gateway = await openGateway();
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const helps = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\w+)$/gm)];
  const rows = helps
    .filter(([, name = '']) => name.startsWith('keytide_'))
    .map(([, name = '', help = '', type = '']) => [code(name), type, help])
    .toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1));
  expect(rows.length).toBeGreaterThan(20);
  await page('metrics', 'Metrics', metricsIntroduction, ['metric', 'type', 'meaning'], rows);
});

async function page(
  name: string,
  title: string,
  introduction: string,
  head: string[],
  rows: string[][],
): Promise<void> {
  const text = [`# ${title}`, introduction, table(head, rows)].join('\n\n');
  await expect(`${text}\n`).toMatchFileSnapshot(`../../docs/${name}.md`);
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Returns the fields of a type of event, with their types in the schema. */
function fieldsOfDetail(type: EventType): string {
  const { [type]: fields } = eventFields as Readonly<Record<EventType, Fields>>;
  const schemaFields = (schema.getType(detailTypeName(type)) as GraphQLObjectType).getFields();
  return Object.keys(fields)
    .map((name) => code(`${name}: ${String(schemaFields[name]?.type)}`))
    .join('<br>');
}

function describeEnd({ retentionMs, from }: { readonly retentionMs: number; readonly from: string }): string {
  return retentionMs === 0 ? `until ${from}` : `${describeDuration(retentionMs)} after ${from}`;
}

/** Returns a code that leads to its page. */
function link(name: string): string {
  return `[${code(name)}](errors/${name}.md)`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

const settingsIntroduction = `The gateway reads its settings from the environment and checks them at start. If any are invalid, one message lists all
of them, and the process exits with status 78. You can also give a secret as the path of a file, in the setting with the
suffix \`_FILE\`. An empty value counts as not given.`;

const permissionsIntroduction = `This table is \`src/domain/permission.ts\`, the only place that decides. What a caller may not even read looks to it as if it did not
exist: the response is “not found”, never “forbidden”.

- \`ADMINISTRATOR\`: an account that runs the gateway
- \`OWNER\`: the account that owns the key
- \`ORGANIZATION_OWNER\`, \`ORGANIZATION_ADMIN\`, \`ORGANIZATION_MEMBER\`: an account with that role in the organization concerned
- \`ISSUER\`: the account that issued the key, while it belongs to the organization that owns it
- \`ITSELF\`: the key itself, authenticated by a secret that has not retired; the account itself
- \`READING_KEY\`, \`ISSUING_KEY\`, \`VERIFYING_KEY\`, \`FOLLOWING_KEY\`: a key of the same realm (and, for reading and issuing, of the
  same owner) that holds \`keytide:read\`, \`keytide:issue\`, \`keytide:verify\`, \`keytide:follow\`
- \`MANAGING_KEY\`: a key of the same realm that holds \`keytide:manage\`, for keys and events of subjects
- \`ORDINARY_KEY\`: a key without \`keytide:manage\`, for its realm
- \`PORTAL\`: a portal session, for its realm; \`PORTAL_LIST\`, \`PORTAL_ISSUE\` …: a portal session that may do this, for keys of
  its subject
- \`TRUSTED_LISTENER\`: a proxy that asks at \`KEYTIDE_AUTH_LISTEN\`, for a realm of \`KEYTIDE_AUTH_REALMS\`
- \`SIGNED_IN\`: any account

Facts about a whole realm (\`POLICY_…\` and \`BRAKE_…\` events, its bindings and brakes) are visible to every
signed-in account, and to the keys of the realm except those with \`keytide:manage\`. \`POLICY_BROKEN\` contains the id of one key that the module failed on, and the module's own
message. An id is not a secret: a caller that may not read the key gets “not found” for it.`;

const failuresIntroduction = `A mutation returns its success type or one of its failures. Every failure implements \`UserError { code message path }\`, and after a
failure nothing was changed. A verification returns an outcome. A problem of the whole request is a GraphQL error.
The command ends with an [exit status](errors/exit-status.md).`;

const eventsIntroduction = `Every change is recorded as one event, in the transaction of the change. \`at\` is when the change became true, \`recordedAt\` when the
event was written. Subscribe with \`events(after:)\`: it sends every event once, in order.

The last column lists the fields of \`data\`. \`detail\` has the same fields with these types.`;

const limitsIntroduction = `An operation over a limit is refused before it runs, over HTTP, SSE and WebSocket alike: status 400 and \`QUERY_TOO_COSTLY\`, with
\`extensions.limit\`, \`found\` and \`accepted\`, one error for each limit. A fragment counts at each place where it is spread; \`@include\` and
\`@skip\` are ignored. Several operations in one request are refused.`;

const metricsIntroduction = `The gateway serves its metrics at \`/metrics\`, for Prometheus, beside those of its process. Label values come from closed sets:
never an id, an address or a text that a caller sent. [Alerts and a dashboard](guides/deploy.md) use them.`;

const retentionIntroduction = `How long Keytide retains the rows of each table, and why. Each node deletes expired rows every hour, so a row may stay up to an
hour longer. No key is ever deleted. [How long events are retained](guides/log.md#how-long-events-are-retained)`;
