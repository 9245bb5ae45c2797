import { setTimeout as pauseFor } from 'node:timers/promises';
import packageJson from '../../package.json' with { type: 'json' };
import { Command as Parser, CommanderError } from 'commander';
import { redact } from '../redact.ts';
import type { Command } from './command.ts';
import { commandTable } from './command-table.ts';
import type { CommandContext } from './context.ts';
import { exitStatus, toExitStatus, type ExitStatus } from './exit-status.ts';
import { resolveFolders } from './folders.ts';
import { openOutput, plainLine, type Streams } from './output.ts';

/** What a process gives to the command that it was called for. */
export interface CommandProcess {
  readonly env: NodeJS.ProcessEnv;
  readonly streams: Streams;
  readonly input: CommandContext['input'];
}

/** Reads how it was called, runs that command, and gives the status to end with. Throws nothing. */
export async function runCommand(words: readonly string[], surroundings: CommandProcess): Promise<ExitStatus> {
  const { out, err } = surroundings.streams;
  let status: ExitStatus = exitStatus.OK;
  const program = new Parser('keytide')
    .description('API keys that expire without breaking anyone’s build')
    .version(packageJson.version, '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(redact(text)) });
  for (const command of commandTable) {
    addCommand(program, command, surroundings, (ended) => {
      status = ended;
    });
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.OK : exitStatus.USAGE;
    return reportError(error, surroundings.streams);
  }
}

function addCommand(
  program: Parser,
  command: Command,
  { env, streams, input }: CommandProcess,
  onEnd: (status: ExitStatus) => void,
): void {
  const parser = program.command(command.name).description(command.summary).exitOverride();
  parser.copyInheritedSettings(program);
  command.declare(parser);
  parser.action(async () => {
    const options = parser.opts();
    const context: CommandContext = {
      env,
      folders: resolveFolders(env),
      output: openOutput(streams, env, options['json'] === true),
      input,
      now: () => new Date(),
      random: () => Math.random(),
      pause: (ms) => pauseFor(ms),
    };
    onEnd(await command.run(context, { arguments: parser.processedArgs, options }));
  });
}

/** One line for what its caller can mend; of a fault of ours all that is known. No secret is in either. */
function reportError(error: unknown, { err }: Streams): ExitStatus {
  const status = toExitStatus(error);
  const said = error instanceof Error ? error : new Error(String(error));
  const text =
    status === null ? `a fault of the command itself: ${said.stack ?? said.message}` : plainLine(said.message);
  err.write(`keytide: ${redact(text)}\n`);
  return status ?? exitStatus.SOFTWARE;
}
