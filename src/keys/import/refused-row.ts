import { isFailure, type Failure } from '../../domain/failure.ts';
import { RequestError } from '../../domain/request-error.ts';

/** A row of an import that is not imported, and why. */
export interface RefusedRow {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** Why a row is refused, for what no other mutation refuses. */
export class RowRefusal extends Error {
  override readonly name = 'RowRefusal';
  readonly code: 'KEY_EXISTS' | 'FOREIGN_SECRETS_NOT_ACCEPTED';

  constructor(code: RowRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Runs a step for a row. If it refuses the row, by an error or a failure, adds the row to `refused` and returns null. */
export async function stepOrRefuse<Result extends object>(
  index: number,
  refused: RefusedRow[],
  step: () => Result | Failure | Promise<Result | Failure>,
): Promise<Result | null> {
  try {
    const result = await step();
    if (!isFailure(result)) return result;
    refused.push({ index, code: result.code, message: result.message });
  } catch (error) {
    const isRefusal = error instanceof RequestError && error.code === 'BAD_USER_INPUT';
    if (!isRefusal && !(error instanceof RowRefusal)) throw error;
    refused.push({ index, code: error.code, message: error.message });
  }
  return null;
}
