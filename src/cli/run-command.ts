import { setTimeout as pauseFor } from 'node:timers/promises';
import packageJson from '../../package.json' with { type: 'json' };
import { Command as Parser, CommanderError } from 'commander';
import { redact } from '../logging/redact.ts';
import type { Command, CommandEntry } from './command.ts';
import type { CommandContext } from './context.ts';
import { exitStatus, toExitStatus, type ExitStatus } from './exit-status.ts';
import { resolveFolders } from './folders.ts';
import { openOutput, plainLine, type Streams } from './output.ts';

/** The parts of a process that a command uses. */
export interface CommandProcess {
  readonly env: NodeJS.ProcessEnv;
  readonly streams: Streams;
  readonly input: CommandContext['input'];
}

/** Parses the arguments, runs the command of the table that they name, and returns its exit status. Never throws. */
export async function runCommand(
  table: readonly CommandEntry[],
  args: readonly string[],
  commandProcess: CommandProcess,
): Promise<ExitStatus> {
  const { out, err } = commandProcess.streams;
  let status: ExitStatus = exitStatus.OK;
  const program = new Parser('keytide')
    .description('API keys that expire without breaking anyone’s build')
    .version(packageJson.version, '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(redact(text)) });
  try {
    for (const entry of table) {
      const parser = program.command(entry.name).description(entry.summary).exitOverride();
      parser.copyInheritedSettings(program);
      if (args.includes(entry.name)) {
        declareCommand(parser, await entry.load(), commandProcess, (endStatus) => {
          status = endStatus;
        });
      }
    }
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.OK : exitStatus.USAGE;
    return reportError(error, commandProcess.streams);
  }
}

function declareCommand(
  parser: Parser,
  command: Command,
  { env, streams, input }: CommandProcess,
  onEnd: (status: ExitStatus) => void,
): void {
  command.declare(parser);
  parser.action(async () => {
    const options = parser.opts();
    const context: CommandContext = {
      env,
      // Read when used: commands that run beside the gateway need no folders, and their user may have no home.
      get folders() {
        return resolveFolders(env);
      },
      output: openOutput(streams, env, options['json'] === true),
      input,
      now: () => new Date(),
      random: () => Math.random(),
      pause: (ms) => pauseFor(ms),
    };
    onEnd(await command.run(context, { arguments: parser.processedArgs, options }));
  });
}

/**
 * Reports an error: one line if the caller can fix it, with the stack trace if it is a bug in this command. Secrets are
 * redacted.
 */
function reportError(error: unknown, { err }: Streams): ExitStatus {
  const status = toExitStatus(error);
  const thrown = error instanceof Error ? error : new Error(String(error));
  const text = status === null ? `a bug in this command: ${thrown.stack ?? thrown.message}` : plainLine(thrown.message);
  err.write(`keytide: ${redact(text)}\n`);
  return status ?? exitStatus.SOFTWARE;
}
