import type { OperationDetails } from './operation-query.ts';

const kindWords: Readonly<Record<string, string>> = {
  HOLD: 'Hold keys',
  RESUME: 'Resume keys',
  REVOKE: 'Revoke keys',
  RENEW: 'Renew keys',
  ASK_ROTATION: 'Ask for new secrets',
  LABEL: 'Label keys',
  TRANSFER: 'Transfer keys',
};

/** Returns what an operation does, as its title. */
export function titleOfOperation(kind: string): string {
  return kindWords[kind] ?? kind;
}

/** What each kind of operation means for the programs that use the keys. */
const effectWords: Readonly<Record<string, string>> = {
  HOLD: 'Each is refused until it is resumed.',
  RESUME: 'Each works again, unless another hold is left.',
  REVOKE: 'Each ends for good: no one can bring it back.',
  RENEW: 'Each lives longer, with the same secret.',
  ASK_ROTATION: 'Their holders are asked to replace the secrets. Nothing stops.',
  LABEL: 'Their labels change, and with them which policies apply.',
  TRANSFER: 'Each gets another owner. Their programs go on.',
};

export function effectOfOperation(kind: string): string {
  return effectWords[kind] ?? '';
}

/** The states of operations in a word or two. */
export const operationStateWords: Readonly<Record<OperationDetails['state'], string>> = {
  AWAITING_APPROVAL: 'Waits for approval',
  RUNNING: 'Runs',
  PAUSED: 'Paused',
  DONE: 'Done',
  STOPPED: 'Stopped',
  UNDONE: 'Undone',
};

/** Returns a number of keys in words. */
export function keysInWords(count: number): string {
  return count === 1 ? '1 key' : `${count.toLocaleString('en')} keys`;
}
