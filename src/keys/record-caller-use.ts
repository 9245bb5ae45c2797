import type { KeyCaller } from '../domain/caller.ts';
import type { UseRecorder } from './use-recorder.ts';

/**
 * Records a request by a calling key as use of its secret. Must not be called for requests about the key itself: they
 * are not use.
 */
export function recordCallerUse(uses: UseRecorder, caller: KeyCaller, at: Date): void {
  uses.record(caller, '', at, { isFirst: caller.isUnused });
}
