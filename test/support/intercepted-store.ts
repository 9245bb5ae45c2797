import { openStore, type Store } from '../../src/store/prisma.ts';
import { silent } from './embedded-process.ts';

/** Runs an operation of the store, or does something else. */
export type Interception = (run: () => Promise<unknown>) => Promise<unknown>;

/** A real store of which single operations can be held back or made to fail. */
export interface InterceptedStore extends Store {
  /**
   * By model and operation, such as `Key.findUnique`, by a table that a raw statement reads, such as `$queryRaw Session`, or all
   * other raw reads, `$queryRaw`; until the returned function is called.
   */
  intercept(operation: string, interception: Interception): () => void;
  /** Holds an operation back after the database has answered it, until it is released: all of them, or only the first. */
  hold(operation: string, only?: 'FIRST'): { readonly reached: Promise<void>; release(): void };
}

/** What Prisma throws while the database cannot be reached. */
export function awayError(): Error {
  return Object.assign(new Error('Can’t reach database server'), { code: 'P1001' });
}

/** Opens one; whoever is given it closes it. */
export function openInterceptedStore(database: string): InterceptedStore {
  const store = openStore(database, { poolSize: 10, log: silent });
  const interceptions = new Map<string, Interception>();
  const prisma = store.prisma.$extends({
    query: {
      $allOperations({ model, operation, args, query }) {
        const run = () => query(args) as Promise<unknown>;
        const names =
          model === undefined
            ? [...tablesOf(args).map((table) => `${operation} ${table}`), operation]
            : [`${model}.${operation}`];
        const interception = names.map((name) => interceptions.get(name)).find((found) => found !== undefined);
        return interception === undefined ? run() : interception(run);
      },
    },
  }) as unknown as Store['prisma'];
  const intercept: InterceptedStore['intercept'] = (operation, interception) => {
    interceptions.set(operation, interception);
    return () => void interceptions.delete(operation);
  };
  return {
    ...store,
    prisma,
    intercept,
    hold(operation, only) {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const stop = intercept(operation, async (run) => {
        if (only === 'FIRST') stop();
        const result = await run();
        reached.resolve();
        await released.promise;
        return result;
      });
      return {
        reached: reached.promise,
        release() {
          stop();
          released.resolve();
        },
      };
    },
  };
}

/** Returns the tables that a raw statement reads. */
function tablesOf(statement: { readonly sql?: string; readonly strings?: readonly string[] }): readonly string[] {
  const text = statement.sql ?? statement.strings?.join('?') ?? '';
  return [...text.matchAll(/(?:FROM|JOIN) "(\w+)"/g)].map(([, table = '']) => table);
}
