import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import {
  holdDocument,
  renewDocument,
  resumeDocument,
  revokeDocument,
  undoDocument,
  type KeyChangeForm,
} from './key-changes.ts';

/** Returns how to make a change of a key, and what becomes of it. Sent again after a lost response, it changes nothing twice. */
export function useKeyChange(name: KeyChangeForm['name'], keyId: string) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [renew, renewing] = useChange(renewDocument, 'renewKey');
  const [hold, holding] = useChange(holdDocument, 'holdKey');
  const [resume, resuming] = useChange(resumeDocument, 'resumeKey');
  const [revoke, revoking] = useChange(revokeDocument, 'revokeKey');
  const [undo, undoing] = useChange(undoDocument, 'undoRotation');
  const state = {
    renewKey: renewing,
    holdKey: holding,
    resumeKey: resuming,
    revokeKey: revoking,
    undoRotation: undoing,
  }[name];
  const run = async (reason: string): Promise<boolean> => {
    const input = { keyId, idempotencyKey };
    switch (name) {
      case 'renewKey':
        return (await renew({ input })) !== null;
      case 'holdKey':
        return (await hold({ input: { ...input, reason } })) !== null;
      case 'resumeKey':
        return (await resume({ input: { ...input, ...(reason !== '' && { reason }) } })) !== null;
      case 'revokeKey':
        return (await revoke({ input: { ...input, reason } })) !== null;
      case 'undoRotation':
        return (await undo({ input })) !== null;
    }
  };
  return [run, state] as const;
}
