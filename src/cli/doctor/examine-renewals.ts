import type { CommandContext } from '../context.ts';
import { findRenewalProblems } from '../renewal/find-renewal-problems.ts';
import { listRegisteredKeyNames } from '../renewal/registered-key.ts';
import type { DoctorFinding } from './doctor-finding.ts';

/** Checks the renewal of each registered key. Returns a finding for each problem, and none for a key without one. */
export async function examineRenewals({
  folders,
  now,
}: Pick<CommandContext, 'folders' | 'now'>): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const name of await listRegisteredKeyNames(folders).catch(() => [])) {
    for (const { message, status } of await findRenewalProblems(folders, name, now())) {
      const subject = `renewal of ${name}`;
      findings.push(
        status === null ? { subject, result: 'WARNING', message } : { subject, result: 'BAD', message, status },
      );
    }
  }
  return findings;
}
