import { authenticate } from '../accounts/authenticate.ts';
import type { Caller } from '../domain/caller.ts';
import { formatInstant } from '../domain/instant.ts';
import { continueWith, type MaybePromise } from '../domain/maybe-promise.ts';
import { badUserInput, unauthenticated } from '../domain/request-error.ts';
import { verifyKey, type Verification, type VerifyingServices, type VerifyKeyInput } from '../keys/verify.ts';
import { readVerifyInput, VERIFY_LENGTH_MAX } from '../keys/verify-input.ts';
import type { Route } from './find-route.ts';
import type { Metrics } from './metrics.ts';
import { readAttachedBody } from './request-body.ts';
import { sendJsonText } from './responses.ts';

/** How many secrets one request verifies. */
const ITEMS_MAX = 100;

/** The longest body, in bytes: the longest items, with room for their encoding. */
const BODY_MAX = 1_000_000;

const itemFields: readonly string[] = Object.keys(VERIFY_LENGTH_MAX);

type VerifyServices = VerifyingServices & Parameters<typeof authenticate>[0] & { readonly metrics: Metrics };

/**
 * Returns the route of POST /verify: `verifyKey` without GraphQL, for one secret or up to 100 at once. An outcome is an
 * answer, not an error: the status is 200. Callers are as for `verifyKey`.
 */
export function verifyRoute(services: VerifyServices): Route {
  return {
    methods: ['POST'],
    body: { limit: BODY_MAX, type: 'application/json' },
    handle: (request, response, { address }) =>
      continueWith(authenticate(services, request.headers.authorization ?? null, address), ({ caller }) => {
        if (caller.kind === 'ANONYMOUS') {
          throw unauthenticated('Send Authorization: Bearer <secret of a key with the scope keytide:verify>.');
        }
        const answer = verifyBody(services, caller, parseObject(readAttachedBody(request)));
        return continueWith(answer, (text) => sendJsonText(response, 200, text));
      }),
  };
}

/** Verifies the item or the items of a body. Returns the answer as JSON. */
function verifyBody(services: VerifyServices, caller: Caller, body: object): MaybePromise<string> {
  if (!('items' in body)) return verifyItem(services, caller, readItem(body, ''));
  const inputs = readItems(body).map((item, index) => readItem(item, `items[${index}].`));
  // All that the node must ask the database for is asked in one statement.
  const answers = Promise.all(inputs.map(async (input) => verifyItem(services, caller, input)));
  return answers.then((items) => `{"items":[${items.join(',')}]}`);
}

function verifyItem(services: VerifyServices, caller: Caller, input: VerifyKeyInput): MaybePromise<string> {
  return continueWith(verifyKey(services, caller, input), (verification) => {
    services.metrics.verifications.inc({ outcome: verification.outcome });
    return toJson(verification);
  });
}

function parseObject(body: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw badUserInput('The body is not JSON; expected an object.');
  }
  if (!isObject(value)) throw badUserInput('The body is not a JSON object; expected {"secret": …} or {"items": […]}.');
  return value;
}

function readItems(body: object): readonly object[] {
  const { items, ...rest } = body as { readonly items: unknown };
  const [other] = Object.keys(rest);
  if (other !== undefined) throw badUserInput('Found a field beside items; expected items alone.');
  if (!Array.isArray(items) || items.length === 0 || items.length > ITEMS_MAX || !items.every(isObject)) {
    const found = Array.isArray(items) ? `a list of ${items.length}` : 'no list';
    throw badUserInput(`items: found ${found}; expected a list of 1 to ${ITEMS_MAX} objects.`);
  }
  return items;
}

function readItem(item: object, place: string): VerifyKeyInput {
  if (Object.keys(item).some((name) => !itemFields.includes(name))) {
    throw badUserInput(
      `${place === '' ? 'The body' : place.slice(0, -1)} has an unknown field; expected ${itemFields.join(', ')}.`,
    );
  }
  const read = (name: string): string | null => {
    const value = (item as Readonly<Record<string, unknown>>)[name] ?? null;
    if (value === null || typeof value === 'string') return value;
    throw badUserInput(`${place}${name}: found no text; expected a text.`);
  };
  const secret = read('secret');
  if (secret === null) throw badUserInput(`${place}secret: found none; expected a text.`);
  const texts = {
    action: read('action'),
    resource: read('resource'),
    consumer: read('consumer'),
    address: read('address'),
  };
  return readVerifyInput(secret, texts, { nameOf: (field) => `${place}${field}`, pathOf: () => undefined });
}

/** Returns the answer for a verification, as JSON. */
function toJson(verification: Verification): string {
  const { outcome, message, stopsAt, renewalDue, scopeChecked, key, warnings, brownoutEndsAt, asOf } = verification;
  const stops = stopsAt === null ? 'null' : `"${formatInstant(stopsAt)}"`;
  const start = `{"outcome":"${outcome}","message":${JSON.stringify(message)},"stopsAt":${stops},"renewalDue":${renewalDue},"scopeChecked":${scopeChecked}`;
  const warned = warnings.length === 0 ? '[]' : JSON.stringify(warnings);
  const ended = brownoutEndsAt === null ? '' : `"brownoutEndsAt":"${formatInstant(brownoutEndsAt)}",`;
  return `${start},"key":${key === null ? 'null' : keyToJson(key)},"warnings":${warned},${ended}"asOf":"${formatInstant(asOf)}"}`;
}

function keyToJson({ id, realmSlug, ownerId, externalId, labels, scopes }: NonNullable<Verification['key']>): string {
  const texts = `"id":${JSON.stringify(id)},"realm":${JSON.stringify(realmSlug)},"ownerId":${JSON.stringify(ownerId)}`;
  const subject = externalId === null ? 'null' : `{"externalId":${JSON.stringify(externalId)}}`;
  return `{${texts},"subject":${subject},"labels":${listToJson(labels)},"scopes":${listToJson(scopes)}}`;
}

/** The JSON of the lists of labels and scopes, which keys in memory share. */
const listJson = new WeakMap<object, string>();

function listToJson(list: readonly object[]): string {
  let json = listJson.get(list);
  if (json === undefined) listJson.set(list, (json = JSON.stringify(list)));
  return json;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
