import type { Caller } from '../domain/caller.ts';
import { fail, isFailure, type Failure, type FailureName } from '../domain/failure.ts';
import type { Core } from '../store/core.ts';
import { change, type Change } from './change.ts';
import { changeInGroup } from './change-in-group.ts';
import { claimRequest, releaseRequest, replayResult, storeResult, type Success } from './idempotency.ts';
import { changeAfterRehearsal, type RehearsedCores } from './rehearse.ts';

/**
 * Input of an idempotent mutation: requests with the same idempotency key and the same input make one change. After a
 * failure a repeated request is evaluated again.
 */
export interface IdempotentInput {
  readonly idempotencyKey?: string | null;
}

/** A change that callers can request. `Refused` and `Stopped` name the failures that `authorize` and `run` return. */
export interface UseCase<
  Input,
  Target,
  S extends Success,
  C extends Core,
  Refused extends FailureName,
  Stopped extends FailureName,
> {
  /** The mutation's name. */
  readonly name: string;
  /** Input fields that people choose and that could be guessed. They are compared by a MAC under the sealing key. */
  readonly guessable?: readonly (keyof Input & string)[];
  /**
   * Returns the cores of a change that calls policies, which must not run in its transaction. Such a change is rehearsed:
   * before the transaction `authorize` and `run` run up to their first write.
   */
  readonly rehearse?: (core: C) => RehearsedCores<C>;
  /**
   * Names the group of changes with which a change that is rehearsed may share its transaction (see `changeInGroup`); null:
   * it runs alone. Not called for requests with an idempotency key: each of those waits for its twins.
   */
  readonly groupOf?: (caller: Caller, input: Input) => string | null;
  /** Names the changes of many keys that are rehearsed one after the other (see `rehearseInTurn`). */
  readonly turnOf?: (input: Input) => string;
  /** Checks that the caller may make the change, and finds and locks its target. Also runs for repeated requests. */
  authorize(change: Change<C>, caller: Caller, input: Input): Promise<Target | Failure<Refused>>;
  /** Makes the change, or returns a failure before it has written anything. */
  run(change: Change<C>, caller: Caller, input: Input, target: Target): Promise<S | Failure<Stopped>>;
}

/** Runs a use case for a caller. `Name` names every failure that it returns. */
export interface RunUseCase<Input, S extends Success, C extends Core, Name extends FailureName> {
  (core: C, caller: Caller, input: Input & IdempotentInput): Promise<S | Failure<Name | 'IdempotencyConflict'>>;
  /** Runs the use case as a step of a change that another use case or loop has begun. */
  inChange(change: Change<C>, caller: Caller, input: Input): Promise<S | Failure<Name>>;
}

/**
 * Returns a function that runs a use case in one transaction: it authorizes the caller, makes the change and records
 * its events. A repeated request gets the same result, if that was a success. The types are given in a first call and the definition in a
 * second one, so that the names of the failures are inferred from the definition.
 */
export function useCase<Input extends object, Target extends object, S extends Success, C extends Core = Core>() {
  return <Refused extends FailureName = never, Stopped extends FailureName = never>(
    definition: UseCase<Input, Target, S, C, Refused, Stopped>,
  ): RunUseCase<Input, S, C, Refused | Stopped> => {
    const { name, authorize, run } = definition;
    const inChange = async (change: Change<C>, caller: Caller, input: Input) => {
      const target = await authorize(change, caller, input);
      return isFailure(target) ? (target as Failure<Refused>) : run(change, caller, input, target);
    };
    const inTransaction: RunInTransaction<Input, S, C, Refused | Stopped> = (
      core,
      caller,
      { idempotencyKey, ...rest },
    ) => {
      const input = rest as unknown as Input;
      const attempt = (change: Change<C>) => inChange(change, caller, input);
      const body = async (change: Change<C>) => {
        if (idempotencyKey === undefined || idempotencyKey === null) return attempt(change);
        const request = { mutation: name, caller, idempotencyKey, input, guessable: definition.guessable ?? [] };
        const record = await claimRequest(change, request);
        if (record === 'CONFLICT') {
          return fail('IdempotencyConflict', 'A request with a different input succeeded under this idempotency key.', {
            path: ['input', 'idempotencyKey'],
          });
        }
        const target = await authorize(change, caller, input);
        const refused = isFailure(target) ? (target as Failure<Refused>) : null;
        if (record !== 'NEW') return refused ?? replayResult<S>(change, request, record);
        const result = isFailure(target) ? (target as Failure<Refused>) : await run(change, caller, input, target);
        if (isFailure(result)) await releaseRequest(change, request);
        else storeResult(change, request, result);
        return result;
      };
      const cores = definition.rehearse?.(core);
      if (cores === undefined) return change(core, body);
      const group = idempotencyKey == null ? (definition.groupOf?.(caller, input) ?? null) : null;
      const turn = definition.turnOf === undefined ? null : `${name} ${definition.turnOf(input)}`;
      if (group === null) return changeAfterRehearsal(cores, attempt, body, undefined, null, turn);
      return changeAfterRehearsal(cores, attempt, body, (one) => changeInGroup(`${name} ${group}`, one));
    };
    return Object.assign(inTransaction, { inChange });
  };
}

type RunInTransaction<Input, S extends Success, C extends Core, Name extends FailureName> = (
  ...request: Parameters<RunUseCase<Input, S, C, Name>>
) => ReturnType<RunUseCase<Input, S, C, Name>>;
