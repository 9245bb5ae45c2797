import type { KeyCaller } from '../domain/caller.ts';
import type { UseRecorder } from './use-recorder.ts';

/** A calling key is in use: it did for its owner what its scopes let it do, and did not ask about itself. */
export function recordCallerUse(uses: UseRecorder, { id, secretId, isUnused }: KeyCaller, at: Date): void {
  uses.record({ secretId, keyId: id, consumer: '', at }, { isFirst: isUnused });
}
