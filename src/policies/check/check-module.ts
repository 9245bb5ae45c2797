import { checkDeclaration, describePolicy } from './check-declaration.ts';
import { createFindings, type CheckFinding } from './policy-checks.ts';
import { readConfigurations } from './read-configurations.ts';
import { examine, type ExaminationResult } from './examine.ts';
import { importModule } from './import-module.ts';
import { watchAccess } from './watch-access.ts';

/** The result of checking a module. */
export interface CheckReport {
  /** The description of the policy; null: the module is not a policy. */
  readonly policy: string | null;
  readonly findings: readonly CheckFinding[];
  /** Null: the policy could not be called. */
  readonly examined: ExaminationResult | null;
}

/**
 * Checks a module against the contract, with the given configurations or the module's own examples. It must run in a
 * separate thread: it loads the module, and replaces the clock and other globals of the whole thread to see which of
 * them the module uses.
 */
export async function checkModule(
  path: string,
  given: readonly unknown[],
  onStep: (step: string) => void,
): Promise<CheckReport> {
  const { performance } = globalThis;
  const now = performance.now.bind(performance);
  const findings = createFindings();
  const watch = watchAccess();
  onStep('loading');
  const loaded = await importModule(path, watch, findings);
  const policy = loaded === null ? null : checkDeclaration(loaded.policy, findings);
  if (loaded === null || policy === null) return { policy: null, findings: findings.list(), examined: null };

  onStep('reading its configurations');
  const configurations = readConfigurations(policy, given, findings);
  const { sources } = loaded;
  const examined =
    configurations.length === 0 ? null : examine({ policy, sources, configurations, findings, watch, now, onStep });
  return { policy: describePolicy(policy), findings: findings.list(), examined };
}
