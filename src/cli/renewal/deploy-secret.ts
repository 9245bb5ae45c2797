import { CommandError, exitStatus, toExitStatus, pickWorstExitStatus, type ExitStatus } from '../exit-status.ts';
import { plainLine } from '../output.ts';
import { writeJournal, type Journal } from './journal.ts';
import { buildHookVariables, type RenewalRun } from './renewal-run.ts';
import { GIVE_UP_SHARE, computeElapsedShare } from './elapsed-share.ts';
import { unseal } from './seal.ts';

/**
 * Writes the new secret to every place that does not have it yet, the key's own file first. A place that fails does not
 * stop the others. Returns the updated journal: DEPLOYED, or TAKING_BACK if too little of the grace period is left for
 * the places that fail.
 *
 * @throws CommandError with the failures. The old secret is valid meanwhile, and the next run continues.
 */
export async function deploySecret(run: RenewalRun, journal: Journal): Promise<Journal> {
  const { folders, output, now } = run.context;
  const { name } = run.registeredKey;
  const secret = await unseal(journal.privateKey, journal.received ?? '');
  const variables = buildHookVariables(run, { KEYTIDE_PREVIOUS_RETIRES_AT: journal.previousRetiresAt });
  const failures: { readonly place: string; readonly message: string; readonly status: ExitStatus }[] = [];
  let updated = journal;
  for (const { place, put } of run.places) {
    if (updated.deployed.includes(place)) continue;
    output.progress(`${name}: ${place}`);
    try {
      await put(secret, variables);
    } catch (error) {
      const status = toExitStatus(error);
      if (status === null) throw error;
      failures.push({ place, message: (error as Error).message, status });
      continue;
    }
    updated = await writeJournal(folders, name, { ...updated, deployed: [...updated.deployed, place] });
  }
  output.progress(null);
  if (failures.length === 0) return writeJournal(folders, name, { ...updated, step: 'DEPLOYED' });
  const details = failures.map(({ place, message }) => `${place}: ${message}`).join(' ');
  if (computeElapsedShare(updated, now()) >= GIVE_UP_SHARE) {
    output.note(
      `${name}: ${plainLine(details)} Too little of the grace period is left: rolling back to the old secret.`,
    );
    return writeJournal(folders, name, { ...updated, step: 'TAKING_BACK' });
  }
  const found = `${String(failures.length)} of ${String(run.places.length)} places do not have the new secret yet`;
  const { previousRetiresAt: retiresAt } = updated;
  const validity = retiresAt === null ? 'the old one has retired' : `the old one is valid until ${retiresAt}`;
  throw new CommandError(
    pickWorstExitStatus(failures.map(({ status }) => status)),
    `${found}; ${validity}. ${details}`,
  );
}

/** Returns to the RECEIVED step for a place that had the new secret and now holds something else. Always throws. */
export async function redeploySecret(run: RenewalRun, journal: Journal, place: string): Promise<never> {
  const deployed = journal.deployed.filter((deployedPlace) => deployedPlace !== place);
  await writeJournal(run.context.folders, run.registeredKey.name, { ...journal, step: 'RECEIVED', deployed });
  throw new CommandError(
    exitStatus.TEMPORARY,
    `${place} does not hold the new secret that was written there: the next run writes it again. The rotation is not confirmed yet.`,
  );
}
