import { Client } from 'pg';
import { onTestFinished, vi } from 'vitest';

/** Returns the statements that a task sends to the database, without those of a new connection. */
export async function countStatements<Result>(
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly statements: readonly string[] }> {
  const statements: string[] = [];
  const query = Client.prototype.query;
  const spy = vi.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: any[]) {
    const text: string = args[0]?.text ?? args[0];
    const opensConnection = text.startsWith('SELECT set_config(') || text.includes('pg_is_in_recovery()');
    if (!opensConnection) statements.push(text.replaceAll(/\s+/g, ' ').slice(0, 150));
    return (query as any).apply(this, args);
  } as any);
  onTestFinished(() => spy.mockRestore());
  const result = await run();
  spy.mockRestore();
  return { result, statements };
}
