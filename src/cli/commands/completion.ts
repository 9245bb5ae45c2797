import { Argument, Command as Parser } from 'commander';
import type { Command, CommandEntry } from '../command.ts';
import { scriptWriters, type CompletionEntry, type Shell } from '../completion/script-writers.ts';
import { wordsOf } from '../completion/words-option.ts';
import { exitStatus } from '../exit-status.ts';

/**
 * Prints a script with which a shell completes commands and options. Takes the command table as a function, because
 * this command is part of the table.
 */
export function createCompletionCommand(readTable: () => readonly CommandEntry[]): Command {
  return {
    declare(parser) {
      parser.addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(scriptWriters)));
    },
    async run({ output }, { arguments: [shell] }) {
      const entries = await Promise.all(readTable().map(describeCommand));
      output.line(scriptWriters[shell as Shell](entries).trimEnd());
      return exitStatus.OK;
    },
  };
}

async function describeCommand({ name, summary, load }: CommandEntry): Promise<CompletionEntry> {
  const parser = new Parser(name);
  (await load()).declare(parser);
  const choices = parser.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const options = parser.options.flatMap((option) => {
    const { long, description } = option;
    return long == null ? [] : [{ name: long, description, words: wordsOf(option) }];
  });
  return {
    name,
    summary,
    choices,
    options: [...options, { name: '--help', description: 'display help for command', words: [] }],
  };
}
