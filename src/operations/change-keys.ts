import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { isFailure } from '../domain/failure.ts';
import { badUserInput } from '../domain/request-error.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { checkValues, type ChangeKeysInput } from './change-request.ts';
import { findChangeScope, findKeysToChange, keysToChange, namesWhoseKeys, type ChangeScope } from './change-scope.ts';
import { lockPreview, storePreview } from './preview-change.ts';
import { startOperation } from './start-operation.ts';
import type { OperationCore } from './stored-operation.ts';

/** Upper limit of the keys of one operation. */
export const OPERATION_KEYS_MAX = 100_000;

/** A dry run, or the operation that was started. */
export type KeysChanged = {
  readonly previewId: string;
  readonly operationId?: string;
  readonly expiresAt?: Date;
  readonly delivery?: Delivery;
};

/**
 * Changes many keys. The dry run finds the keys and returns a confirmation token; with the token the same person starts
 * an operation on exactly these keys, which runs in batches.
 */
export const changeKeys = useCase<ChangeKeysInput, ChangeScope, KeysChanged, OperationCore>()({
  name: 'changeKeys',
  guessable: ['confirmation', 'filter'],

  async authorize(change, caller, input) {
    checkText('reason', input.reason, LONGEST_REASON);
    if (input.dryRun === (input.confirmation !== null)) {
      throw badUserInput('Expected either dryRun: true, or the confirmation of a dry run.', ['input', 'confirmation']);
    }
    const scope = await findChangeScope(change, caller, input);
    if (!isFailure(scope)) checkValues(caller, input);
    return scope;
  },

  async run(change, caller, input, scope) {
    if (caller.kind !== 'ACCOUNT') throw new Error('only accounts are authorized');
    if (input.confirmation === null) {
      const found = await findKeysToChange(change, scope, input, OPERATION_KEYS_MAX + 1);
      if (found.ids.length > OPERATION_KEYS_MAX) {
        const problem = `filter: matches more than ${OPERATION_KEYS_MAX} keys; expected at most that many. Choose fewer, and repeat with the others.`;
        throw badUserInput(problem, ['input', 'filter']);
      }
      return storePreview(change, caller.id, input, found);
    }
    const preview = await lockPreview(change, caller, input, input.confirmation);
    if (isFailure(preview)) return preview;
    // The dry run decided it: keys that are issued after it are not changed, and do not count.
    if (!input.all && preview.keyCount > 0 && preview.leavesOutNoKey && !namesWhoseKeys(input.filter)) {
      throw badUserInput('all: found false; expected true, because the filter leaves out no key of the realm.', [
        'input',
        'all',
      ]);
    }
    const where = keysToChange(change.core, scope, input, change.now());
    const operation = await startOperation(change, caller, { ...input, ...scope, preview, where });
    return { previewId: preview.id, operationId: operation.id };
  },
});
