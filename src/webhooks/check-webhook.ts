import { checkText } from '../domain/check-text.ts';
import type { EventType } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { kindOf } from '../domain/id.ts';
import { badUserInput } from '../domain/request-error.ts';
import { quote } from '../domain/quote.ts';
import { labelNameProblem, labelValueProblem } from '../domain/text.ts';
import { decodeCursor } from '../log/cursor.ts';
import { readHead } from '../log/head.ts';
import type { Change } from '../log/change.ts';
import { MAX_LABELS, type LabelInput } from '../keys/check-labels.ts';

/** The longest description, in characters. */
const LONGEST_DESCRIPTION = 200;

/** The most keys that a webhook may name. */
const MOST_KEYS = 100;

/**
 * Filters the events of the webhook's owner or realm. All conditions must match; an empty filter matches every event.
 */
export interface WebhookFilter {
  readonly types: readonly EventType[];
  readonly keyIds: readonly string[];
  readonly labels: readonly LabelInput[];
}

/** Throws BAD_USER_INPUT for a malformed description or filter. */
export function checkWebhook(description: string | null, filter: WebhookFilter | null): void {
  if (description !== null && description !== '') checkText('description', description, LONGEST_DESCRIPTION);
  if (filter === null) return;
  const { keyIds, labels } = filter;
  if (keyIds.length > MOST_KEYS) throwBadFilter('keyIds', `found ${keyIds.length}; expected at most ${MOST_KEYS}.`);
  const other = keyIds.find((id) => kindOf(id) !== 'key');
  if (other !== undefined) throwBadFilter('keyIds', `found ${quote(other)}; expected the id of a key.`);
  if (labels.length > MAX_LABELS) throwBadFilter('labels', `found ${labels.length}; expected at most ${MAX_LABELS}.`);
  for (const { name, value } of labels) {
    const problem = labelNameProblem(name) ?? labelValueProblem(value);
    if (problem !== null) throwBadFilter('labels', problem);
  }
}

/** Returns the failure for a URL that the SSRF guard refused; null: it was not refused. */
export function refuseUrl(problem: string | null): Failure<'WebhookUrlNotAllowed'> | null {
  return problem === null ? null : fail('WebhookUrlNotAllowed', problem, { path: ['input', 'url'] });
}

/**
 * Returns the position after which a webhook starts: the caller's cursor, or the log's end. Throws if the cursor is
 * ahead of the log.
 */
export async function startPosition({ tx }: Change, after: string | null): Promise<bigint> {
  const head = await readHead({ prisma: tx });
  const position = after === null ? head : decodeCursor(after);
  if (position <= head) return position;
  throw badUserInput('after: found a cursor ahead of the end of this log; expected a cursor of this log.', [
    'input',
    'after',
  ]);
}

function throwBadFilter(field: string, found: string): never {
  throw badUserInput(`${field}: ${found}`, ['input', 'filter', field]);
}
