import type { CommandEntry } from './command.ts';
import { exitStatus } from './exit-status.ts';
import { runCommand } from './run-command.ts';

/** Runs the command that the arguments of this process name, and sets its exit status. */
export async function runProcess(table: readonly CommandEntry[]): Promise<void> {
  // A reader such as head closes the pipe early: that is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? exitStatus.OK : exitStatus.SOFTWARE);
  });
  process.exitCode = await runCommand(table, process.argv.slice(2), {
    env: process.env,
    streams: { out: process.stdout, err: process.stderr },
    input: process.stdin,
  });
}
