import type { Client } from '../../client/client.ts';
import { CommandError, exitStatus } from '../exit-status.ts';

/** An operation, as `--json` prints it. */
export interface OperationJson {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly reason: string;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly undone: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

export const OPERATION_SELECTION = 'id kind state reason total done failed skipped undone startedAt endedAt';

/** How often the command polls an operation that it follows. */
const POLL_MS = 500;

/** Reads an operation. */
export async function readOperation(client: Client, id: string): Promise<OperationJson> {
  const query = `query Operation($id: ID!) { operation(id: $id) { ${OPERATION_SELECTION} } }`;
  const { operation } = await client.ask<{ readonly operation: OperationJson | null }>({ query, variables: { id } });
  if (operation !== null) return operation;
  throw new CommandError(exitStatus.DATA, `${id}: no operation has this id, or you do not manage it.`);
}

/** Polls an operation until it no longer runs. Calls `onProgress` with the number of keys that it has reached. */
export async function followOperation(
  client: Client,
  id: string,
  onProgress: (count: number) => void,
): Promise<OperationJson> {
  for (;;) {
    const operation = await readOperation(client, id);
    onProgress(operation.done + operation.failed + operation.skipped);
    if (operation.state !== 'RUNNING') return operation;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Describes what became of an operation, in one line. */
export function describeOperation({ id, kind, state, total, done, failed, skipped, undone }: OperationJson): string {
  const counts = [
    `${done} done`,
    `${failed} failed`,
    `${skipped} skipped`,
    ...(undone > 0 ? [`${undone} undone`] : []),
  ];
  return `${id}: ${kind} of ${total} keys is ${state}: ${counts.join(', ')}.`;
}
