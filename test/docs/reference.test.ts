import { expect, test } from 'vitest';
import { eventTypes } from '../../src/domain/event.ts';
import { detailsOf, failures, type FailureName } from '../../src/domain/failure.ts';
import { permissions } from '../../src/domain/permission.ts';
import { requestErrorStatus } from '../../src/domain/request-error.ts';
import { outcomeMessages, outcomes } from '../../src/domain/verification.ts';
import { limits } from '../../src/graphql/limits/limit-table.ts';
import { GRAPHQL_BODY_MAX } from '../../src/http/graphql-route.ts';
import { namesOf } from '../../src/settings.ts';
import { settingTable } from '../../src/settings/table.ts';

// Pages that say what the code says are written from it: `npm run docs` writes them anew.

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
    ['setting', 'what it is', 'accepted', 'when it is left out'],
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
    code(stable),
    Object.keys(detailsOf(name as FailureName))
      .map(code)
      .join(' '),
    retry === 'LATER' ? 'later' : 'no',
    remedy,
  ]);
  const outcomeRows = outcomes.map((outcome) => [code(outcome), outcomeMessages[outcome]]);
  const errorRows = Object.entries(requestErrorStatus).map(([name, status]) => [
    code(name),
    String(status),
    errorMeanings[name as keyof typeof requestErrorStatus],
  ]);
  const text = [
    '# What can go wrong',
    failuresIntroduction,
    '## Failures of mutations',
    table(['failure', 'code', 'also tells', 'retry as it is', 'what to do'], failureRows),
    '## Outcomes of a verification',
    'In this order: an earlier one hides a later one.',
    table(['outcome', 'message'], outcomeRows),
    '## Errors of a whole request',
    'As GraphQL errors, with `extensions.code`.',
    table(['code', 'HTTP status', 'when'], errorRows),
  ];
  await expect(`${text.join('\n\n')}\n`).toMatchFileSnapshot('../../docs/failures.md');
});

test('docs/events.md has every type of event', async () => {
  const rows = eventTypes.map((type) => [code(type), eventMeanings[type]]);
  await page('events', 'Events', eventsIntroduction, ['type', 'when'], rows);
});

test('docs/limits.md has every limit on an operation', async () => {
  const rows = Object.entries(limits).map(([name, { accepted, rule }]) => [code(name), number(accepted), rule]);
  const body = [`${number(GRAPHQL_BODY_MAX / 1000)} kB`, 'The whole request. Refused with 413 and `BAD_USER_INPUT`.'];
  const head = ['limit', 'at most', 'what counts'];
  await page('limits', 'Limits on operations', limitsIntroduction, head, [...rows, ['body', ...body]]);
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

function code(text: string): string {
  return `\`${text}\``;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

const settingsIntroduction = `All settings come from the environment and are checked at start: all wrong ones are named in one message, and the
process exits with status 78. A secret may also be given as the path of a file, in the setting with \`_FILE\` after its
name. An empty value counts as left out.`;

const permissionsIntroduction = `This is \`src/domain/permission.ts\`, the only place that decides. What a caller may not even read does not exist for it: it is
answered as not found, never as forbidden.

- \`ADMINISTRATOR\`: an account that runs the gateway
- \`OWNER\`: the account that owns the key
- \`ORGANIZATION_OWNER\`, \`ORGANIZATION_ADMIN\`, \`ORGANIZATION_MEMBER\`: an account with that role in the organization concerned
- \`ISSUER\`: the account that issued the key, while it belongs to the organization that owns it
- \`ITSELF\`: the key, shown by a secret that has not retired; the account itself
- \`READING_KEY\`, \`ISSUING_KEY\`, \`VERIFYING_KEY\`: a key of the same realm (and, but for verifying, of the same owner) that holds
  \`keytide:read\`, \`keytide:issue\`, \`keytide:verify\`
- \`SIGNED_IN\`: any account

What is told of a whole realm (\`POLICY_…\` and \`BRAKE_…\` events, its bindings and brakes) is for whoever may read the realm: every
signed-in account, and the keys of the realm. \`POLICY_BROKEN\` names one of the keys that the module failed, and the module's own message:
an id is no secret and opens nothing, and what it leads to is answered as not found to who may not read that key.`;

const failuresIntroduction = `A mutation answers its success type or one of its failures; every failure implements \`UserError { code message path }\`, and
nothing was changed. A verification answers an outcome. What stops a whole request is a GraphQL error.`;

const eventsIntroduction = `Every change is told by one event, written in the change’s own transaction. \`at\` is when it became true, \`recordedAt\` when it
was written. Subscribe with \`events(after:)\`: each once, in order, none left out.`;

const limitsIntroduction = `An operation over a limit is refused before anything of it is run, over HTTP, SSE and WebSocket alike: status 400 and
\`QUERY_TOO_COSTLY\`, with \`extensions.limit\`, \`found\` and \`accepted\`, one error for each limit. What a fragment holds counts at each place
where it is spread, whatever \`@include\` and \`@skip\` say. Several operations in one request are refused.`;

const errorMeanings: Record<keyof typeof requestErrorStatus, string> = {
  UNAUTHENTICATED: 'No credential, or one that is not good; `extensions.outcome` says what became of it.',
  FORBIDDEN: 'The credential is good, and does not reach this far.',
  BAD_USER_INPUT: 'Malformed, or out of the bounds that inputs have.',
  CURSOR_EXPIRED:
    'What follows the cursor is no longer kept. `extensions.oldest`: the earliest cursor from which nothing is missing.',
  CURSOR_AHEAD:
    'The log has no such place: it was restored, or is another one. `extensions.newest`: the cursor of its end.',
  QUERY_TOO_COSTLY: 'Over one of the limits on operations; nothing was run.',
  RATE_LIMITED: 'Too many. `extensions.retryAfter`: seconds.',
  UNAVAILABLE: 'The gateway cannot know right now. Keep the credential and ask again.',
};

const eventMeanings: Record<(typeof eventTypes)[number], string> = {
  KEY_ISSUED: 'A key was made; with `ruleId`, `issuerId` and `issuer`: it was exchanged for a token.',
  KEY_FIRST_USED: 'A secret of the key was used for the first time; `generation` says which.',
  KEY_UPDATED: 'Its name, labels, scopes or expiry were changed by a person.',
  KEY_TRANSFERRED: 'It has another owner; the one who had it is told of this too, and of nothing after it.',
  KEY_RENEWED: 'Its life was extended.',
  KEY_HELD:
    'It is suspended, by a person, by policy, or for a leak: with `source` LEAK it tells who reported it, where it was found, and its last uses.',
  KEY_RESUMED: 'Holds were lifted.',
  KEY_REVOKED:
    'It has ended for good; `children` are keys that it issued and that live on, a hundred at most. With `source` LEAK, as above.',
  KEY_ROTATION_STARTED: 'It has a new secret; the old one stays good until `previousRetiresAt`.',
  KEY_ROTATION_COMPLETED: 'The old secret has retired; `by` LEAKED: at once, for it was reported as leaked.',
  KEY_ROTATION_UNDONE: 'The rotation was taken back; with `isSwap` the two secrets changed roles.',
  KEY_ROTATION_STALLED: 'Not everyone is known to have moved; the grace period was extended, once.',
  KEY_SECRET_REUSED:
    'A secret that retired at `retiredAt` turned up; it was refused. With `isNewConsumer` where no secret of its key was ever seen in use: somebody else may have it. Not told of a key that has ended.',
  KEY_EXPIRING: 'It stops soon: 30, 14, 7 and 1 day ahead.',
  KEY_EXPIRED: 'It has expired.',
  KEY_DORMANCY_WARNED: 'It was not used for long.',
  KEY_STOP_CHANGED: 'Policy moved the moment at which it stops: from what to what, and why.',
  POLICY_ANNOUNCED: 'A policy, or a change of one, will be in force from `effectiveAt` on.',
  POLICY_BOUND: 'A policy is in force in a realm.',
  POLICY_CHANGED: 'A binding of a policy was changed.',
  POLICY_APPLIED:
    'All keys of the realm have been looked at again after a change; of `silentCount` of them the module said nothing.',
  POLICY_UNBOUND:
    'A policy was taken from a realm, or withdrawn before it was in force; with `revisionInForce` only a change of it was withdrawn.',
  POLICY_BROKEN: 'The module of a binding is missing or fails; its last verdicts stay in force.',
  POLICY_MENDED: 'It works again.',
  BRAKE_ENGAGED: 'A binding would have brought the stops of too many keys nearer: they keep their old ones.',
  BRAKE_RELEASED: 'An administrator let through what a brake held back.',
  BRAKE_CANCELLED:
    'An administrator dropped what a brake held back; its binding is SHADOW now, if it was still what the brake was for (`isInForce`).',
  ACCOUNT_SIGNED_IN: 'A session began; for a device that was confirmed, with its name.',
  ACCOUNT_SIGNED_OUT: 'A session was ended.',
  DEVICE_REFUSED: 'A person refused a device that asked to be signed in.',
  ACCOUNT_PASSWORD_CHANGED: 'A password was changed; all other sessions ended.',
  ACCOUNT_INVITED: 'An invitation was made.',
  ACCOUNT_CREATED: 'An account was made.',
  ACCOUNT_UPDATED: 'An account was changed: whether notices are sent to its email.',
  ACCOUNT_DISABLED: 'An account was closed; `keyCount` keys of its own go on.',
  ORGANIZATION_CREATED: 'An organization was made.',
  ORGANIZATION_MEMBER_CHANGED:
    'A member was added, removed or has another role, or the account of the last OWNER was closed; without `hasOwner` an administrator has to name one.',
  REALM_CREATED: 'A realm was made.',
  REALM_UPDATED: 'A realm’s settings were changed.',
  ACTION_DEFINED: 'The catalogue has an action more.',
  ACTION_RETIRED: 'An action was taken out of new keys.',
  WEBHOOK_CREATED: 'Events are sent to a URL from now on. Of a realm’s webhook administrators alone are told.',
  WEBHOOK_UPDATED: 'It sends elsewhere, or something else; `changed` says what.',
  WEBHOOK_SECRET_ROTATED: 'It has a new secret; the old one signs too until `previousRetiresAt`.',
  WEBHOOK_TESTED: 'Somebody asked for a test; no other webhook gets this event.',
  WEBHOOK_REPLAYED: 'It sends again: what comes after a cursor, or what was parked.',
  WEBHOOK_PARKED: 'An event failed for three days while others were delivered; it is sent when it is replayed.',
  WEBHOOK_PAUSED:
    'Nothing could be delivered for three days, and `reason` says why the last attempt failed; or somebody paused it, with a reason.',
  WEBHOOK_RESUMED: 'It sends again, from where it stopped.',
  WEBHOOK_ENDED: 'It was deleted, or its receiver answered 410.',
  ISSUER_TRUSTED:
    'Tokens of an issuer are taken for a realm, as its rules say. Of this, as of all that follows, administrators alone are told.',
  ISSUER_UPDATED: 'Its name, audience or imported keys were changed; `changed` says which.',
  ISSUER_DISTRUSTED: 'Tokens of an issuer are no longer taken.',
  TOKEN_RULE_ADDED: 'Tokens for which its conditions hold are exchanged for keys of `owner`.',
  TOKEN_RULE_UPDATED: 'A rule was changed; `changed` says what of it.',
  TOKEN_RULE_REMOVED: 'Nothing is exchanged by a rule any more.',
};
