import { collectDefaultMetrics, Registry } from 'prom-client';

/**
 * Gauges of prom-client whose names end in `_total`, which is for counters. Gauges with the same values by type stay.
 */
const misnamedMetrics = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

let registry: Registry | null = null;

/**
 * Returns the registry of the metrics of this process: CPU time, memory, garbage collection, event loop. All nodes of a
 * process share it: prom-client observes the process until its end, and would retain a node's own registry as long.
 */
export function processRegistry(): Registry {
  registry ??= createProcessRegistry();
  return registry;
}

function createProcessRegistry(): Registry {
  const created = new Registry();
  collectDefaultMetrics({ register: created });
  for (const name of misnamedMetrics) created.removeSingleMetric(name);
  return created;
}
