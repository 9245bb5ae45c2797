import { currentRequestId } from '../../src/graphql/request-scope.ts';
import type { Store } from '../../src/store/prisma.ts';

/** Where a fault is to happen: at the step of that number of the request with that id. */
export interface Faults {
  readonly store: Store;
  /** Lets the request's step of that number fail with what is given; steps are calls of the database. */
  arm(requestId: string, step: number, thrown: unknown): void;
  /** Whether the step was reached. */
  hasFired(): boolean;
}

/** A store whose calls fail on demand, for one request alone: what else goes on beside it is left in peace. */
export function faultyStore(store: Store): Faults {
  let armed: { requestId: string; stepsLeft: number; thrown: unknown } | null = null;
  let hasFired = false;

  const isTime = () => {
    if (armed === null || currentRequestId() !== armed.requestId) return false;
    armed.stepsLeft -= 1;
    return armed.stepsLeft === 0;
  };
  const fail = () => {
    hasFired = true;
    return Promise.reject(armed?.thrown);
  };
  const wrap = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof name === 'symbol') return value;
        if (name === '$transaction') {
          return (body: unknown, options: unknown) => {
            if (isTime()) return fail();
            const begun =
              typeof body === 'function' ? (tx: object) => (body as (tx: object) => unknown)(wrap(tx)) : body;
            return (value as (...all: unknown[]) => unknown).call(target, begun, options);
          };
        }
        if (typeof value === 'function') {
          return (...all: unknown[]) =>
            isTime() ? fail() : (value as (...all: unknown[]) => unknown).apply(target, all);
        }
        const isModel = typeof value === 'object' && value !== null && 'findMany' in value;
        return isModel ? wrap(value) : value;
      },
    });

  return {
    store: { ...store, prisma: wrap(store.prisma) },
    arm(requestId, step, thrown) {
      armed = { requestId, stepsLeft: step, thrown };
      hasFired = false;
    },
    hasFired: () => hasFired,
  };
}
