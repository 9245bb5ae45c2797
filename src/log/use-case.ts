import type { Caller } from '../domain/caller.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import type { Core } from '../store/core.ts';
import { change, type Change } from './change.ts';
import { claimRequest, storeResult, replayResult, type Success } from './idempotency.ts';

/** What every input may carry: the same key with the same input is one change, however often it is sent. */
export interface IdempotentInput {
  readonly idempotencyKey?: string | null;
}

/** A change that callers ask for. */
export interface UseCase<Input, Target, S extends Success, C extends Core = Core> {
  /** The mutation's name. */
  readonly name: string;
  /** Fields of the input that people choose and that may be guessed: compared under a key of the gateway's own. */
  readonly guessable?: readonly (keyof Input & string)[];
  /** Finds and locks what is to be changed, for callers that may. Asked again of a caller that repeats a request. */
  authorize(change: Change<C>, caller: Caller, input: Input): Promise<Target | Failure>;
  /** Makes the change, or answers a failure before it has written anything. */
  run(change: Change<C>, caller: Caller, input: Input, target: Target): Promise<S | Failure>;
}

/** One function, one transaction: authorized, run, told of in the log, and answered alike when it is repeated. */
export function useCase<Input extends object, Target extends object, S extends Success, C extends Core = Core>(
  definition: UseCase<Input, Target, S, C>,
): (core: C, caller: Caller, input: Input & IdempotentInput) => Promise<S | Failure> {
  const { name, authorize, run } = definition;
  return (core, caller, { idempotencyKey, ...rest }) =>
    change(core, async (change) => {
      const input = rest as unknown as Input;
      if (idempotencyKey === undefined || idempotencyKey === null) {
        const target = await authorize(change, caller, input);
        return isFailure(target) ? target : run(change, caller, input, target);
      }
      const request = { mutation: name, caller, idempotencyKey, input, guessable: definition.guessable ?? [] };
      const record = await claimRequest(change, request);
      if (record === 'CONFLICT') {
        return fail('IdempotencyConflict', 'This idempotency key was used before, with another input.', {
          path: ['input', 'idempotencyKey'],
        });
      }
      const target = await authorize(change, caller, input);
      if (record !== 'NEW') return isFailure(target) ? target : replayResult<S>(change, request, record);
      const answer = isFailure(target) ? target : await run(change, caller, input, target);
      await storeResult(change, request, answer);
      return answer;
    });
}
