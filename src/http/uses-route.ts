import { DAY_MS } from '../domain/duration.ts';
import { badUserInput } from '../domain/request-error.ts';
import type { ReportedItem } from '../domain/reported-use.ts';
import { textProblem } from '../domain/text.ts';
import { outcomes } from '../domain/verification.ts';
import { countReportedUses, type UseReport } from '../keys/follow/report-uses.ts';
import { VERIFY_LENGTH_MAX } from '../keys/verify-input.ts';
import { authenticateFollower, type FollowServices } from './follow-routes.ts';
import type { Route } from './find-route.ts';
import { readAttachedBody } from './request-body.ts';
import { sendJson } from './responses.ts';

/** How many items one report has. */
const ITEMS_MAX = 1_000;

/** The longest body, in bytes: the longest items, with room for their encoding. */
const BODY_MAX = 2_000_000;

const REPORTER_MAX = 100;

/** The largest count of an item, so that no sum exceeds 2^53 for years. */
const COUNT_MAX = 1_000_000_000;

/** The largest instant in ms since 1970 (ECMA-262, section 21.4.1.1). */
const INSTANT_MAX = 8.64e15;

/** Returns the route of POST /uses, by which verifiers in other processes report what they have seen (rule 34). */
export function usesRoute(services: FollowServices & Parameters<typeof countReportedUses>[0]): Route {
  return {
    methods: ['POST'],
    body: { limit: BODY_MAX, type: 'application/json' },
    handle: async (request, response, exchange) => {
      const { caller } = await authenticateFollower(services, request, exchange);
      const report = readReport(readAttachedBody(request));
      const { watermarkMs, isRepeat, acceptedCount, refused } = await countReportedUses(services, caller, report);
      sendJson(response, 200, { watermark: watermarkMs, isRepeat, accepted: acceptedCount, refused });
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

function readReport(body: Buffer): UseReport {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw badUserInput('The body is not JSON; expected {"watermark": …, "items": […]}.');
  }
  const fields = readFields(value, 'The body', ['reporter', 'watermark', 'more', 'items']);
  const { reporter = '', more = false, items } = fields;
  if (typeof more !== 'boolean') throw badUserInput('more: expected true or false.');
  if (!Array.isArray(items) || items.length > ITEMS_MAX) {
    const found = Array.isArray(items) ? `a list of ${items.length}` : 'no list';
    throw badUserInput(`items: found ${found}; expected a list of at most ${ITEMS_MAX} objects.`);
  }
  return {
    reporter: readText(reporter, 'reporter', REPORTER_MAX),
    watermarkMs: readWhole(fields['watermark'], 'watermark', 1, INSTANT_MAX),
    hasMore: more,
    items: items.map((item, index) => readItem(item, `items[${index}]`)),
  };
}

const itemFields = ['keyId', 'generation', 'consumer', 'day', 'first', 'last', 'count', 'outcome'];

function readItem(value: unknown, place: string): ReportedItem {
  const fields = readFields(value, place, itemFields);
  const firstMs = readWhole(fields['first'], `${place}.first`, 1, INSTANT_MAX);
  const lastMs = readWhole(fields['last'], `${place}.last`, 1, INSTANT_MAX);
  const day = typeof fields['day'] === 'string' ? Date.parse(`${fields['day']}T00:00:00Z`) : Number.NaN;
  if (!(day <= firstMs && firstMs <= lastMs && lastMs < day + DAY_MS)) {
    throw badUserInput(`${place}: expected first and last in this order, and both on day (YYYY-MM-DD, in UTC).`);
  }
  const outcome = outcomes.find((known) => known === fields['outcome']);
  if (outcome === undefined || outcome === 'KEY_UNKNOWN') {
    throw badUserInput(`${place}.outcome: expected an outcome of a known key, such as VALID.`);
  }
  return {
    keyId: readText(fields['keyId'], `${place}.keyId`, REPORTER_MAX),
    generation: readWhole(fields['generation'], `${place}.generation`, 1, 2 ** 31 - 1),
    consumer: readText(fields['consumer'] ?? '', `${place}.consumer`, VERIFY_LENGTH_MAX.consumer),
    outcome,
    firstMs,
    lastMs,
    count: readWhole(fields['count'], `${place}.count`, 1, COUNT_MAX),
  };
}

function readFields(value: unknown, place: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badUserInput(`${place}: expected an object with ${known.join(', ')}.`);
  }
  if (Object.keys(value).some((name) => !known.includes(name))) {
    throw badUserInput(`${place}: found an unknown field; expected ${known.join(', ')}.`);
  }
  return value as Fields;
}

function readText(value: unknown, name: string, max: number): string {
  if (typeof value !== 'string') throw badUserInput(`${name}: found no text; expected a text.`);
  const problem = value === '' ? null : textProblem(value, { name, max });
  if (problem !== null) throw badUserInput(`${problem}.`);
  return value;
}

function readWhole(value: unknown, name: string, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw badUserInput(`${name}: expected a whole number from ${least} to ${most}.`);
}
