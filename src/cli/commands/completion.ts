import { Argument, Command as Parser } from 'commander';
import type { Command } from '../command.ts';
import { scriptWriters, type CompletionEntry, type Shell } from '../completion/script-writers.ts';
import { exitStatus } from '../exit-status.ts';

/**
 * Writes what makes a shell complete the names of commands and options. The table is given when it is asked for: this command
 * is part of it.
 */
export function createCompletionCommand(table: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'write what makes a shell complete commands and options',
    declare(parser) {
      parser.addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(scriptWriters)));
    },
    async run({ output }, { arguments: [shell] }) {
      output.line(scriptWriters[shell as Shell](table().map(describeCommand)).trimEnd());
      return exitStatus.OK;
    },
  };
}

function describeCommand({ name, summary, declare }: Command): CompletionEntry {
  const parser = new Parser(name);
  declare(parser);
  const words = parser.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const options = parser.options.flatMap(({ long, description }) =>
    long == null ? [] : [{ name: long, description }],
  );
  return {
    name,
    summary,
    choices: words,
    options: [...options, { name: '--help', description: 'display help for command' }],
  };
}
