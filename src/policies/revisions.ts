import type { Binding } from '../../prisma/generated/client/client.ts';
import type { Selector } from '../domain/selector.ts';
import { hasCome } from '../domain/key.ts';
import type { Json } from '../domain/event.ts';

/** What one revision of a binding asks of its module, and of which keys. */
export interface Revision {
  readonly bindingId: string;
  readonly revision: number;
  readonly policy: string;
  readonly hash: string;
  readonly config: Json;
  readonly selector: Selector | null;
  readonly noticeMs: number;
  /** Until then it stops nothing: notice is counted from then at the soonest. */
  readonly effectiveAt: Date;
  /** Whether what it says counts; otherwise it is computed and shown alone. */
  readonly counts: boolean;
  readonly binding: Binding;
}

/** What `Binding.before` keeps of the revision that is in force until a newer one is. */
export interface PreviousRevision {
  readonly revision: number;
  readonly hash: string;
  readonly config: Json;
  readonly mode: Binding['mode'];
  readonly selector: Json;
  readonly noticeMs: number;
}

/** The revisions of a binding that are asked at a moment: the one that counts, and the one that is only shown. */
export function revisionsOf(binding: Binding, now: Date): readonly Revision[] {
  if (binding.unboundAt !== null) return [];
  const isAnnounced = !hasCome(binding.effectiveAt, now);
  const newest = {
    bindingId: binding.id,
    revision: binding.revision,
    policy: binding.policy,
    hash: binding.hash,
    config: binding.config as Json,
    selector: readSelector(binding.selector as Json),
    noticeMs: Number(binding.noticeMs),
    effectiveAt: binding.effectiveAt,
    counts: binding.mode === 'ENFORCED' && !isAnnounced,
    binding,
  };
  const shown = binding.mode === 'PAUSED' ? [] : [newest];
  const before = binding.before as unknown as PreviousRevision | null;
  if (!isAnnounced || before === null || before.mode !== 'ENFORCED') return shown;
  const { revision, hash, config, selector, noticeMs } = before;
  const inForce = { revision, hash, config, noticeMs, effectiveAt: binding.createdAt, counts: true };
  return [...shown, { ...newest, ...inForce, selector: readSelector(selector) }];
}

/** A selector as its column keeps it: instants are text. */
export function readSelector(stored: Json): Selector | null {
  if (stored === null || typeof stored !== 'object' || Array.isArray(stored)) return null;
  const { issuedBefore, issuedAfter, not, ...rest } = stored as { readonly [name: string]: Json };
  const instant = (text: Json | undefined) => (typeof text === 'string' ? new Date(text) : null);
  return {
    ...(rest as Selector),
    issuedBefore: instant(issuedBefore),
    issuedAfter: instant(issuedAfter),
    not: readSelector(not ?? null),
  };
}
