import { checkDeclaration, describePolicy } from './check-declaration.ts';
import { noFindings, type Finding } from './checks.ts';
import { readConfigurations } from './configurations.ts';
import { examine, type Examined } from './examine.ts';
import { loadModule } from './load-module.ts';
import { watchReach } from './watch-reach.ts';

/** What came of checking a module. */
export interface Report {
  /** What it calls itself; null: it is no policy. */
  readonly policy: string | null;
  readonly findings: readonly Finding[];
  /** Null: it could not be asked. */
  readonly examined: Examined | null;
}

/**
 * Checks a module against the contract, with the configurations given or its own. Loads it, and changes the clock and the
 * like of the whole thread to watch it: run it in a thread of its own.
 */
export async function checkModule(
  path: string,
  given: readonly unknown[],
  onStep: (step: string) => void,
): Promise<Report> {
  const { performance } = globalThis;
  const now = performance.now.bind(performance);
  const findings = noFindings();
  const watch = watchReach();
  onStep('loading');
  const loaded = await loadModule(path, watch, findings);
  const policy = loaded === null ? null : checkDeclaration(loaded.policy, findings);
  if (loaded === null || policy === null) return { policy: null, findings: findings.list(), examined: null };

  onStep('reading its configurations');
  const configurations = readConfigurations(policy, given, findings);
  const { sources } = loaded;
  const examined =
    configurations.length === 0 ? null : examine({ policy, sources, configurations, findings, watch, now, onStep });
  return { policy: describePolicy(policy), findings: findings.list(), examined };
}
