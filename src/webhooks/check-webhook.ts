import { checkText } from '../domain/check-text.ts';
import type { EventType } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { kindOf } from '../domain/id.ts';
import { badUserInput } from '../domain/request-error.ts';
import { labelNameProblem, labelValueProblem, quote } from '../domain/text.ts';
import { decodeCursor } from '../log/cursor.ts';
import { readHead } from '../log/head.ts';
import type { Change } from '../log/change.ts';
import { MAX_LABELS, type LabelInput } from '../keys/check-labels.ts';

/** The longest description, in characters. */
const LONGEST_DESCRIPTION = 200;

/** The most keys that a webhook may name. */
const MOST_KEYS = 100;

/** What a webhook chooses of the events of its owner or realm: all that is given has to hold; empty: everything. */
export interface WebhookFilter {
  readonly types: readonly EventType[];
  readonly keyIds: readonly string[];
  readonly labels: readonly LabelInput[];
}

/** Throws for a description or a filter that is malformed. */
export function checkWebhook(description: string | null, filter: WebhookFilter | null): void {
  if (description !== null && description !== '') checkText('description', description, LONGEST_DESCRIPTION);
  if (filter === null) return;
  const { keyIds, labels } = filter;
  if (keyIds.length > MOST_KEYS)
    throwBadFilter('keyIds', `found ${keyIds.length}; a webhook names at most ${MOST_KEYS}.`);
  const other = keyIds.find((id) => kindOf(id) !== 'key');
  if (other !== undefined) throwBadFilter('keyIds', `found ${quote(other)}, which is no id of a key.`);
  if (labels.length > MAX_LABELS) throwBadFilter('labels', `found ${labels.length}; a key has at most ${MAX_LABELS}.`);
  for (const { name, value } of labels) {
    const problem = labelNameProblem(name) ?? labelValueProblem(value);
    if (problem !== null) throwBadFilter('labels', problem);
  }
}

/** What became of the look at a url. */
export function refuseUrl(problem: string | null): Failure<'WebhookUrlNotAllowed'> | null {
  return problem === null ? null : fail('WebhookUrlNotAllowed', problem, { path: ['input', 'url'] });
}

/** The position of a cursor that a caller gives; left out, the log's present end. Throws for one of another log. */
export async function startPosition({ tx }: Change, after: string | null): Promise<bigint> {
  const head = await readHead({ prisma: tx });
  const position = after === null ? head : decodeCursor(after);
  if (position <= head) return position;
  throw badUserInput('after: the cursor lies ahead of this log: it is of another one.', ['input', 'after']);
}

function throwBadFilter(field: string, found: string): never {
  throw badUserInput(`${field}: ${found}`, ['input', 'filter', field]);
}
