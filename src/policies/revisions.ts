import type { Binding } from '../../prisma/generated/client/client.ts';
import type { Selector } from '../domain/selector.ts';
import { hasCome } from '../domain/key.ts';
import type { Json } from '../domain/event.ts';

/** A revision of a binding: the module, its configuration, and the keys that it applies to. */
export interface Revision {
  readonly bindingId: string;
  readonly revision: number;
  readonly policy: string;
  readonly hash: string;
  readonly config: Json;
  readonly selector: Selector | null;
  readonly noticeMs: number;
  /** Before this moment the revision stops no key. Its notice period begins at this moment at the earliest. */
  readonly effectiveAt: Date;
  /** Whether its verdicts count. Otherwise they are only computed and shown. */
  readonly counts: boolean;
  readonly binding: Binding;
}

/** `Binding.before`: the revision that stays in force until the announced one takes effect. */
export interface PreviousRevision {
  readonly revision: number;
  readonly hash: string;
  readonly config: Json;
  readonly mode: Binding['mode'];
  readonly selector: Json;
  readonly noticeMs: number;
}

/** Returns the revisions of a binding to evaluate at a moment: the one that counts, and an announced or SHADOW one that is only shown. */
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

/** Parses a stored selector, in which instants are text. */
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
