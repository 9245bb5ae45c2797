import type { Failure } from '../domain/failure.ts';
import { RequestError } from '../domain/request-error.ts';

/** The index of a row in the list `keys` of an input; null: the input itself is the row. */
export type RowPlace = number | null;

/** Runs a check of a row. An error of the input that it throws names the row, in its message and its path. */
export function checkRow<Result>(place: RowPlace, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    throw placeError(error, place);
  }
}

/** Returns a failure of a row with the row in its message and its path. */
export function placeFailure<F extends Failure>(failure: F, place: RowPlace): F {
  if (place === null) return failure;
  return { ...failure, message: placeMessage(failure.message, place), path: placePath(failure.path, place) };
}

/** Returns an error of the input of a row with the row in its message and its path; any other error as it is. */
export function placeError(error: unknown, place: RowPlace): unknown {
  if (place === null || !(error instanceof RequestError)) return error;
  const { path, ...details } = error.details;
  return new RequestError(error.code, placeMessage(error.message, place), {
    ...details,
    path: placePath((path as readonly string[] | undefined) ?? null, place),
  });
}

/** A message that begins with the name of a field gets the row as a part of that name. */
function placeMessage(message: string, place: number): string {
  return `keys[${place}]${/^[a-z]\w*(\[\d+\])?: /.test(message) ? '.' : ': '}${message}`;
}

function placePath(path: readonly string[] | null, place: number): readonly string[] {
  const [, ...rest] = path ?? [];
  return ['input', 'keys', String(place), ...rest];
}
