import type { PolicyRuntime } from './runtime/runtime.ts';

/** What those who ask policies need of the runtime. */
export type Policies = Pick<PolicyRuntime, 'versions' | 'readConfig' | 'evaluate'>;
