import type {
  FieldMap,
  InputFieldBuilder,
  InputFieldMap,
  InputRef,
  InputShapeFromFields,
  ObjectFieldBuilder,
  ObjectRef,
} from '@pothos/core';
import type { GraphQLSchema } from 'graphql';
import type { Caller } from '../domain/caller.ts';
import { isFailure, type Failure, type FailureName } from '../domain/failure.ts';
import { badUserInput, passwordRequired } from '../domain/request-error.ts';
import type { IdempotentInput } from '../log/use-case.ts';
import { builder, type Types } from './builder.ts';
import type { Services } from './context.ts';
import { failureRefs } from './failures.ts';
import { publicField } from './require-caller.ts';

/** The longest idempotency key, in characters. */
const IDEMPOTENCY_KEY_MAX = 200;

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
  /**
   * The name from which the types of the schema are derived, for mutations that share their types. Their inputs, failures
   * and success types are those of the first of them. Default: the name of the mutation.
   */
  readonly typeName?: string;
  /** Whether callers without a session or a key may send the mutation. Default: false. */
  readonly isPublic?: boolean;
  /**
   * Whether the change outlives the caller's session, such as a device that is signed in: a page in a browser then needs the
   * person's password again. Default: no change does.
   */
  readonly outlivesSession?: (input: InputShapeFromFields<Fields>) => boolean;
  /** The fields of the input type, without `idempotencyKey`. */
  readonly input: {
    readonly description: string;
    readonly fields: (t: InputFieldBuilder<Types, 'InputObject'>) => Fields;
  };
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
    schema: GraphQLSchema,
  ) => Promise<Result>;
  /** Translates the input for the use case. */
  readonly toInput: (input: InputShapeFromFields<Fields>) => NoInfer<Input>;
}

/** The types of the mutations, by the name from which they are derived. */
const mutationTypes = new Map<string, { inputRef: InputRef<object>; resultRef: ReturnType<typeof resultUnion> }>();

/**
 * Adds a mutation to the schema. From its name, such as `holdKey`, it derives the types `HoldKeyInput`,
 * `HoldKeySuccess` and `HoldKeyResult`. A repeatable mutation also gets the input field `idempotencyKey` and the failure
 * `IdempotencyConflict`. Give an adapter of a use case as a named function with annotated parameters: TypeScript infers
 * the facts and the failures from it.
 */
export function mutation<
  Fields extends InputFieldMap,
  Input,
  Result extends object,
  const Names extends readonly FailureName[],
>(name: string, definition: MutationDefinition<Fields, Input, Result, Names> & Repeatability<Result>): void {
  const { description, isPublic = false, input, success, failures, useCase, toInput } = definition;
  const isRepeatable: boolean = definition.isRepeatable ?? true;
  const typeName = definition.typeName ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const createTypes = () => {
    const inputRef = builder.inputType(`${typeName}Input`, {
      description: input.description,
      fields: (t): InputFieldMap => ({ ...input.fields(t), ...(isRepeatable && idempotencyKeyField(t)) }),
    });
    const successRef = builder.objectRef<SuccessOf<Result>>(`${typeName}Success`).implement({
      description: success.description,
      fields: success.fields,
    });
    const names: readonly FailureName[] = isRepeatable ? [...failures, 'IdempotencyConflict'] : failures;
    return { inputRef, resultRef: resultUnion(typeName, successRef as ObjectRef<Types, object>, names) };
  };
  const types = mutationTypes.get(typeName) ?? createTypes();
  mutationTypes.set(typeName, types);

  builder.mutationField(name, (t) =>
    t.field({
      type: types.resultRef,
      description,
      extensions: isPublic ? publicField : {},
      args: { input: t.arg({ type: types.inputRef, required: true }) },
      resolve: (_root, args, { services, caller, address }, { schema }): Promise<object> => {
        const { idempotencyKey, ...rest } = args.input as InputShapeFromFields<Fields> & IdempotentInput;
        const repeatable = isRepeatable ? checkIdempotencyKey(idempotencyKey) : {};
        const fields = rest as unknown as InputShapeFromFields<Fields>;
        const needsPassword = caller.kind === 'ACCOUNT' && caller.needsPassword === true;
        if (needsPassword && definition.outlivesSession?.(fields) === true) throw passwordRequired();
        const translated = toInput(fields);
        return useCase(services, caller, { ...translated, ...repeatable }, address, schema);
      },
    }),
  );
}

function idempotencyKeyField(t: InputFieldBuilder<Types, 'InputObject'>) {
  return {
    idempotencyKey: t.string({
      description:
        'A text of your choice, 1 to 200 characters, that names this request. After a success the same request, sent again within 30 days, changes nothing and returns the first result. After a failure or an error it is evaluated again, also with another input. Use a new text for each new request.',
    }),
  };
}

/** Defines the result union of a mutation: its success type and the failures that it can return. */
function resultUnion(typeName: string, success: ObjectRef<Types, object>, names: readonly FailureName[]) {
  return builder.unionType(`${typeName}Result`, {
    description: `The result of the mutation: ${typeName}Success, or the failure that stopped it.`,
    types: [success, ...names.map((name) => failureRefs[name])],
    resolveType: (result: object) => (isFailure(result) ? result.failure : `${typeName}Success`),
  });
}

/** Checks an idempotency key, and returns it for spreading into a use case's input: any text of 1 to 200 characters. */
function checkIdempotencyKey(idempotencyKey: string | null | undefined): { idempotencyKey: string | null } {
  if (idempotencyKey != null && (idempotencyKey === '' || idempotencyKey.length > IDEMPOTENCY_KEY_MAX)) {
    const found = `found ${idempotencyKey.length} characters; expected 1 to ${IDEMPOTENCY_KEY_MAX}.`;
    throw badUserInput(`idempotencyKey: ${found}`, ['input', 'idempotencyKey']);
  }
  return { idempotencyKey: idempotencyKey ?? null };
}
