import type { Event } from '../../../prisma/generated/client/client.ts';
import type { Core } from '../../store/core.ts';
import { mayMatch, type FilteredWebhook } from '../matching-events.ts';
import { eventScopeOf } from '../stored-webhook.ts';
import { findEventOwners } from '../../log/visible-events.ts';

/** Caches the active webhooks in memory, so that an event that matches none of them needs no query. */
export class ActiveWebhooks {
  readonly #core: Core;
  readonly #onChosen: (id: string) => void;
  /** Keyed by the account, organization or realm that the webhooks belong to. */
  #webhooks: ReadonlyMap<string, readonly FilteredWebhook[]> = new Map();
  #isStale = true;
  #unmatched: Event[] = [];
  #matching: Promise<void> | null = null;

  /** `onChosen` is called with the id of each webhook that an event may match. */
  constructor(core: Core, onChosen: (id: string) => void) {
    this.#core = core;
    this.#onChosen = onChosen;
  }

  /**
   * Matches events in the order of the log. After an event that changes webhooks, the cache is reloaded before the
   * following events are matched. If reloading fails the promise rejects, and the next call matches the events that are
   * left.
   */
  match(events: readonly Event[]): Promise<void> {
    this.#unmatched.push(...events);
    this.#matching ??= this.#match().finally(() => {
      this.#matching = null;
    });
    return this.#matching;
  }

  async #match(): Promise<void> {
    for (;;) {
      const [event] = this.#unmatched;
      if (event === undefined) return;
      if (isWebhookEvent(event)) this.#isStale = true;
      if (this.#isStale) await this.#load();
      this.#unmatched.shift();
      const { webhookId } = event.data as { webhookId?: unknown };
      if (isWebhookEvent(event) && typeof webhookId === 'string') this.#onChosen(webhookId);
      for (const webhook of this.#concernedBy(event)) if (mayMatch(webhook, event)) this.#onChosen(webhook.id);
    }
  }

  #concernedBy(event: Event): readonly FilteredWebhook[] {
    const concerned = new Set([...findEventOwners(event), event.realmId].filter((id) => id !== null));
    return [...concerned].flatMap((id) => this.#webhooks.get(id) ?? []);
  }

  async #load(): Promise<void> {
    this.#isStale = false;
    try {
      const columns = { id: true, accountId: true, organizationId: true, realmId: true, types: true, keyIds: true };
      const rows = await this.#core.prisma.webhook.findMany({ where: { state: 'ACTIVE' }, select: columns });
      this.#webhooks = Map.groupBy(rows, (row) => {
        const concerned = eventScopeOf(row);
        return 'realmId' in concerned ? concerned.realmId : concerned.ownerId;
      });
    } catch (error) {
      this.#isStale = true;
      throw error;
    }
  }
}

/** Returns whether an event changes a webhook, which may then have something to send. */
function isWebhookEvent({ type }: Event): boolean {
  return type.startsWith('WEBHOOK_');
}
