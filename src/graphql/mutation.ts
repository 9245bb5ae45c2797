import type {
  FieldMap,
  InputFieldBuilder,
  InputFieldMap,
  InputShapeFromFields,
  ObjectFieldBuilder,
  ObjectRef,
} from '@pothos/core';
import type { Caller } from '../domain/caller.ts';
import type { Failure, FailureName } from '../domain/failure.ts';
import type { IdempotentInput } from '../log/use-case.ts';
import { builder, type Types } from './builder.ts';
import { checkIdempotencyKey } from './common-inputs.ts';
import type { Services } from './context.ts';
import { resultType } from './failures.ts';

/** Builds the input fields of a mutation. */
export type InputFields = InputFieldBuilder<Types, 'InputObject'>;

/** Builds the fields of a mutation's success type. `Facts` is what the use case returns. */
export type SuccessFields<Facts> = ObjectFieldBuilder<Types, Facts>;

/** The names of the failures that a use case may return. */
type FailureNameOf<Result> = Result extends Failure<infer Name> ? Name : never;

type SuccessOf<Result> = Exclude<Result, Failure>;

/** The failures that a mutation lists. `IdempotencyConflict` is added to every repeatable mutation. */
type ListedName<Result> = Exclude<FailureNameOf<Result>, 'IdempotencyConflict'>;

/** A list of names if it contains every failure that the use case may return; else the names that are missing. */
type CompleteList<Names extends readonly FailureName[], Result> = [ListedName<Result>] extends [Names[number]]
  ? readonly ListedName<Result>[]
  : { readonly missing: Exclude<ListedName<Result>, Names[number]> };

/** A use case without `IdempotencyConflict` is not repeatable, and its mutation must declare that. */
type Repeatability<Result> =
  'IdempotencyConflict' extends FailureNameOf<Result>
    ? { readonly isRepeatable?: true }
    : { readonly isRepeatable: false };

interface MutationDefinition<
  Fields extends InputFieldMap,
  Input,
  Result extends object,
  Names extends readonly FailureName[],
> {
  readonly description: string;
  /** Whether callers without a session or a key may send the mutation. Default: false. */
  readonly isPublic?: boolean;
  /** The fields of the input type, without `idempotencyKey`. */
  readonly input: { readonly description: string; readonly fields: (t: InputFields) => Fields };
  /** The fields of the success type. */
  readonly success: {
    readonly description: string;
    readonly fields: (t: SuccessFields<SuccessOf<Result>>) => FieldMap;
  };
  /** Every failure that the use case may return. A missing or an additional name does not compile. */
  readonly failures: Names & CompleteList<Names, Result>;
  readonly useCase: (
    services: Services,
    caller: Caller,
    input: Input & IdempotentInput,
    address: string,
  ) => Promise<Result>;
  /** Translates the input for the use case. */
  readonly toInput: (input: InputShapeFromFields<Fields>) => NoInfer<Input>;
}

/**
 * Adds a mutation to the schema. From its name, such as `holdKey`, it derives the types `HoldKeyInput`,
 * `HoldKeySuccess` and `HoldKeyResult`. A repeatable mutation also gets the input field `idempotencyKey` and the failure
 * `IdempotencyConflict`.
 */
export function mutation<
  Fields extends InputFieldMap,
  Input,
  Result extends object,
  const Names extends readonly FailureName[],
>(name: string, definition: MutationDefinition<Fields, Input, Result, Names> & Repeatability<Result>): void {
  const { description, isPublic = false, input, success, failures, useCase, toInput } = definition;
  const isRepeatable: boolean = definition.isRepeatable ?? true;
  const typeName = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

  const inputRef = builder.inputType(`${typeName}Input`, {
    description: input.description,
    fields: (t): InputFieldMap => ({ ...input.fields(t), ...(isRepeatable && { idempotencyKey: t.string() }) }),
  });
  const successRef = builder.objectRef<SuccessOf<Result>>(`${typeName}Success`).implement({
    description: success.description,
    fields: success.fields,
  });
  const names: readonly FailureName[] = isRepeatable ? [...failures, 'IdempotencyConflict'] : failures;

  builder.mutationField(name, (t) =>
    t.field({
      type: resultType(typeName, successRef as ObjectRef<Types, object>, names),
      description,
      skipTypeScopes: isPublic,
      args: { input: t.arg({ type: inputRef, required: true }) },
      resolve: (_root, args, { services, caller, address }): Promise<object> => {
        const { idempotencyKey, ...rest } = args.input as InputShapeFromFields<Fields> & IdempotentInput;
        const repeatable = isRepeatable ? checkIdempotencyKey(idempotencyKey) : {};
        const translated = toInput(rest as unknown as InputShapeFromFields<Fields>);
        return useCase(services, caller, { ...translated, ...repeatable }, address);
      },
    }),
  );
}
