import type { KeyCaller } from '../domain/caller.ts';
import type { UseRecorder } from './record-use.ts';

/** A calling key is in use: it did for its owner what its scopes let it do, and did not ask about itself. */
export function noteCaller(uses: UseRecorder, { id, secretId, isUnused }: KeyCaller, at: Date): void {
  uses.note({ secretId, keyId: id, consumer: '', at }, { isFirst: isUnused });
}
