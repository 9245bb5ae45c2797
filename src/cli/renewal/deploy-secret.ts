import { CommandError, exitStatus, toExitStatus, pickWorstExitStatus, type ExitStatus } from '../exit-status.ts';
import { plainLine } from '../output.ts';
import { writeJournal, type Journal } from './journal.ts';
import { buildHookVariables, type RenewalRun } from './renewal-run.ts';
import { GIVE_UP_SHARE, computeElapsedShare } from './elapsed-share.ts';
import { unseal } from './seal.ts';

/**
 * Brings the new secret to every place that does not have it yet, the file of the key first; one that fails keeps no other from
 * having it. Gives the journal as it is then: DEPLOYED, or TAKING_BACK when it is too late for the places that fail.
 *
 * @throws CommandError with what failed; the old secret is good meanwhile, and the next run goes on.
 */
export async function deploySecret(run: RenewalRun, journal: Journal): Promise<Journal> {
  const { folders, output, now } = run.context;
  const { name } = run.registeredKey;
  const secret = await unseal(journal.privateKey, journal.received ?? '');
  const facts = buildHookVariables(run, { KEYTIDE_PREVIOUS_RETIRES_AT: journal.previousRetiresAt });
  const failures: { readonly place: string; readonly message: string; readonly status: ExitStatus }[] = [];
  let current = journal;
  for (const { place, put } of run.places) {
    if (current.deployed.includes(place)) continue;
    output.progress(`${name}: ${place}`);
    try {
      await put(secret, facts);
    } catch (error) {
      const status = toExitStatus(error);
      if (status === null) throw error;
      failures.push({ place, message: (error as Error).message, status });
      continue;
    }
    current = await writeJournal(folders, name, { ...current, deployed: [...current.deployed, place] });
  }
  output.progress(null);
  if (failures.length === 0) return writeJournal(folders, name, { ...current, step: 'DEPLOYED' });
  const said = failures.map(({ place, message }) => `${place}: ${message}`).join(' ');
  if (computeElapsedShare(current, now()) >= GIVE_UP_SHARE) {
    output.note(`${name}: ${plainLine(said)} Time is up: the old secret goes back to its places.`);
    return writeJournal(folders, name, { ...current, step: 'TAKING_BACK' });
  }
  const found = `${String(failures.length)} of ${String(run.places.length)} places do not have the new secret yet`;
  const { previousRetiresAt: at } = current;
  const until = at === null ? 'the old one has retired' : `the old one is good until ${at}`;
  throw new CommandError(pickWorstExitStatus(failures.map(({ status }) => status)), `${found}; ${until}. ${said}`);
}

/** A place that had the new secret holds something else: it gets it again. */
export async function redeploySecret(run: RenewalRun, journal: Journal, place: string): Promise<never> {
  const deployed = journal.deployed.filter((other) => other !== place);
  await writeJournal(run.context.folders, run.registeredKey.name, { ...journal, step: 'RECEIVED', deployed });
  throw new CommandError(
    exitStatus.TEMPORARY,
    `${place} does not hold the new secret that was put there: the next run puts it there again. The old one stays.`,
  );
}
