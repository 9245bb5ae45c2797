// Prisma's query compiler, which compiles each query once for all clients of a test process. A client does so for itself:
// a process of tests has hundreds, and they would compile the same queries again. vitest.config.ts puts it in its place.

import { QueryCompiler as Compiler } from '../../node_modules/@prisma/client/runtime/query_compiler_fast_bg.postgresql.mjs';

export * from '../../node_modules/@prisma/client/runtime/query_compiler_fast_bg.postgresql.mjs';

/** The plans by the schema and limits of the connection, and by the query. A client uses a plan again and again too. */
const compiled = new Map();

export class QueryCompiler extends Compiler {
  #plans;

  constructor(options) {
    super(options);
    const of = JSON.stringify([options.provider, options.connectionInfo]);
    if (!compiled.has(of)) compiled.set(of, new Map());
    this.#plans = compiled.get(of);
  }

  compile(query) {
    let plan = this.#plans.get(query);
    if (plan === undefined) {
      plan = super.compile(query);
      this.#plans.set(query, plan);
    }
    return plan;
  }
}
