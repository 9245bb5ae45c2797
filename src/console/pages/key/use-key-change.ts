import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import {
  confirmDocument,
  holdDocument,
  renewDocument,
  resumeDocument,
  revokeDocument,
  undoDocument,
  type KeyChangeForm,
} from './key-changes.ts';

/**
 * Returns how to make a change of a key, and what becomes of it. Sent again after a lost response, it changes nothing twice.
 * `lifetime`: how long a renewed key lives from now; an empty text: as long as it was last given.
 */
export function useKeyChange(name: KeyChangeForm['name'], keyId: string, lifetime = '') {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [renew, renewing] = useChange(renewDocument, 'renewKey');
  const [hold, holding] = useChange(holdDocument, 'holdKey');
  const [resume, resuming] = useChange(resumeDocument, 'resumeKey');
  const [revoke, revoking] = useChange(revokeDocument, 'revokeKey');
  const [undo, undoing] = useChange(undoDocument, 'undoRotation');
  const [confirm, confirming] = useChange(confirmDocument, 'confirmRotation');
  const state = {
    renewKey: renewing,
    holdKey: holding,
    resumeKey: resuming,
    revokeKey: revoking,
    undoRotation: undoing,
    confirmRotation: confirming,
  }[name];
  const run = (reason: string): Promise<object | null> => {
    const input = { keyId, idempotencyKey };
    switch (name) {
      case 'renewKey':
        return renew({ input: { ...input, ...(lifetime !== '' && { lifetime }) } });
      case 'holdKey':
        return hold({ input: { ...input, reason } });
      case 'resumeKey':
        return resume({ input: { ...input, ...(reason !== '' && { reason }) } });
      case 'revokeKey':
        return revoke({ input: { ...input, reason } });
      case 'undoRotation':
        return undo({ input });
      case 'confirmRotation':
        return confirm({ input });
    }
  };
  return [run, state] as const;
}
