import type { ResponsePath } from 'graphql';
import type { FieldInfo } from './field-info.ts';
import type { PlannedField } from './operation-plan.ts';
import { isPromiseLike } from './response-object.ts';

/** Where a value is in the response, and which field it belongs to. */
export interface Place {
  readonly field: PlannedField;
  readonly info: FieldInfo;
  readonly path: ResponsePath;
}

/** Returns the name of a field with its type, for messages about faults of ours. */
export function nameOfField({ parentType, fieldName }: FieldInfo): string {
  return `${parentType.name}.${fieldName}`;
}

/** Throws if a completed value is null, or rejects if it will be. */
export function requireValue(completed: unknown, { info }: Place): unknown {
  const requireNow = (value: unknown) => {
    if (value !== null) return value;
    throw new Error(`Cannot return null for non-nullable field ${nameOfField(info)}.`);
  };
  return isPromiseLike(completed) ? Promise.resolve(completed).then(requireNow) : requireNow(completed);
}
