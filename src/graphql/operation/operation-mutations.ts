import type { GraphQLSchema } from 'graphql';
import type { Caller } from '../../domain/caller.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import { approveOperation } from '../../operations/approve.ts';
import { pauseOperation, resumeOperation } from '../../operations/pause.ts';
import type { OperationInput } from '../../operations/lock-operation.ts';
import { stopOperation } from '../../operations/stop.ts';
import { undoOperation } from '../../operations/undo.ts';
import type { Services } from '../context.ts';
import { mutation } from '../mutation.ts';
import { filterKeys, type KeyFilter } from '../key/key-filter.ts';
import { readStoredFilter } from '../key/read-stored-filter.ts';
import { OperationRef } from './operation.ts';

addMutation(
  'pauseOperation',
  pauseOperation,
  'Pauses a change of many keys, or its undoing. After that no key changes until the operation is resumed.',
);
addMutation('resumeOperation', resumeOperation, 'Lets a paused change of many keys go on.');
addMutation(
  'stopOperation',
  stopOperation,
  'Stops a change of many keys for good. The keys that it has not reached stay as they are. A proposed operation is withdrawn.',
);
addMutation(
  'undoOperation',
  undoOperation,
  'Undoes a HOLD or a LABEL of many keys, in batches and in the name of the caller. Only the holds of this operation are lifted, and only labels that still are as it set them are restored.',
);
addMutation(
  'approveOperation',
  approveChange,
  'Approves a proposed operation as the second person; it starts then. The person who proposed it cannot approve it.',
);

function approveChange(
  services: Services,
  caller: Caller,
  input: OperationInput & IdempotentInput,
  _address: string,
  schema: GraphQLSchema,
) {
  const core = {
    ...services,
    filterKeys: (filter: object, now: Date) => filterKeys(filter as KeyFilter, now),
    readFilter: (stored: unknown) => readStoredFilter(schema, stored),
  };
  return approveOperation(core, caller, input);
}

/** What a mutation of an operation runs. */
type ChangeOperation = (...request: Parameters<typeof approveChange>) => ReturnType<typeof pauseOperation>;

/** Adds a mutation of an operation. All of them have the same input, failures and success. */
function addMutation(name: string, useCase: ChangeOperation, description: string): void {
  mutation(name, {
    typeName: 'Operation',
    description,
    input: {
      description: 'Which operation to act on, and why.',
      fields: (t) => ({
        operationId: t.id({ required: true, description: 'Id of the operation to act on.' }),
        reason: t.string({ description: 'Why, for people. Default: the reason of the operation.' }),
      }),
    },
    useCase,
    toInput: ({ operationId, reason }) => ({ operationId, reason: reason ?? null }),
    failures: ['OperationNotFound', 'OperationStateMismatch'],
    success: {
      description: 'The operation after the change.',
      fields: (t) => ({
        operation: t.prismaField({
          type: OperationRef,
          description: 'The operation as it is after the change.',
          resolve: (query, { operationId }, _args, { services }) =>
            services.prisma.operation.findUniqueOrThrow({ ...query, where: { id: operationId } }),
        }),
      }),
    },
  });
}
