import type { KeyCaller } from '../domain/caller.ts';
import type { Outcome } from '../domain/verification.ts';
import type { FoundKey } from '../verifier/stored-secret.ts';
import type { UseRecorder } from './use-recorder.ts';

/**
 * Records a request by a calling key as use of its secret. Must not be called for requests about the key itself: they
 * are not use.
 */
export function recordCallerUse(uses: UseRecorder, caller: KeyCaller, at: Date): void {
  uses.record(caller, '', at, { isFirst: caller.isUnused });
}

/** Records that a secret was refused, for a reason that its holder may know. VALID and KEY_UNKNOWN are ignored. */
export function recordRefusal(uses: UseRecorder, outcome: Outcome, found: FoundKey, consumer: string, at: Date): void {
  if (outcome === 'VALID' || outcome === 'KEY_UNKNOWN') return;
  const heldByPolicy = outcome === 'KEY_HELD' && found.holdSources.every((source) => source === 'POLICY');
  uses.recordRefusal(found, { outcome, heldByPolicy }, consumer, at);
}
