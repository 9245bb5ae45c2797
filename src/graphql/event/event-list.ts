import { badUserInput } from '../../domain/request-error.ts';
import { encodeCursor } from '../../log/cursor.ts';
import { readEventPage, type EventPageRequest } from '../../log/event-page.ts';
import { maySeeEvent } from '../../log/visible-events.ts';
import { builder } from '../builder.ts';
import { relayDescriptions } from '../default-descriptions.ts';
import { recordReadAsUse } from '../key/record-read-as-use.ts';
import { PAGE_DEFAULT, PAGE_MAX } from '../keyset.ts';
import { createEventMatcher, EventFilterRef } from './event-filter.ts';
import { EventConnectionRef } from './event.ts';

builder.queryField('events', (t) =>
  t.field({
    type: EventConnectionRef,
    description:
      'The events that the caller may see, oldest first; without `first` and `after` the newest ones. A page may have fewer events than `first` although more exist, if its filter selects few of very many: then pageInfo says that there are more. Events older than the retention of the log are in Key.events alone.',
    args: {
      first: t.arg.int({ description: relayDescriptions.firstArgOptions.description }),
      after: t.arg({
        type: 'Cursor',
        description:
          'Cursor of an event, or logCursor: only events after it. Fails with CURSOR_EXPIRED or CURSOR_AHEAD if the log cannot continue from there.',
      }),
      last: t.arg.int({
        description: 'How many events to return from the end of the log, or ahead of `before`: 0 to 100. Default: 20.',
      }),
      before: t.arg({ type: 'Cursor', description: 'Cursor of an event: only events before it.' }),
      filter: t.arg({
        type: EventFilterRef,
        description: 'Which events to choose. Default: all that the caller may see.',
      }),
    },
    resolve: async (_root, { filter, ...page }, context) => {
      recordReadAsUse(context);
      const { caller, db } = context;
      const request = readPageArgs(page);
      const matches = createEventMatcher(context, filter ?? {});
      const { events, hasMore, readTo } = await readEventPage(
        { prisma: db },
        { caller, filter: filter ?? {} },
        request,
        async (event) => maySeeEvent(caller, event) && matches(event),
      );
      const edges = events.map((node) => ({ cursor: encodeCursor(node.position), node }));
      const { isBackward, after, before } = request;
      // The end in the direction of the page is what was read up to, so that a page without events can be continued.
      const end = hasMore ? encodeCursor(readTo) : null;
      return {
        edges,
        pageInfo: {
          hasNextPage: isBackward ? before !== null : hasMore,
          hasPreviousPage: isBackward ? hasMore : after !== null,
          startCursor: (isBackward ? end : null) ?? edges[0]?.cursor ?? null,
          endCursor: (isBackward ? null : end) ?? edges.at(-1)?.cursor ?? null,
        },
      };
    },
  }),
);

interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: bigint | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: bigint | null | undefined;
}

function readPageArgs({ first, after, last, before }: PageArgs): EventPageRequest {
  if (first != null && last != null) throw badUserInput('Found both first and last; expected one of them.');
  const isBackward = first == null && (last != null || after == null);
  const [name, size] = isBackward ? (['last', last] as const) : (['first', first] as const);
  const count = size ?? PAGE_DEFAULT;
  if (count < 0 || count > PAGE_MAX) throw badUserInput(`${name}: found ${count}; expected 0 to ${PAGE_MAX}.`, [name]);
  return { after: after ?? null, before: before ?? null, size: count, isBackward };
}
