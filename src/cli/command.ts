import type { Command as Parser } from 'commander';
import type { CommandContext } from './context.ts';
import type { ExitStatus } from './exit-status.ts';

/** A command as the help lists it. Its module is loaded only when the command is called, so that each starts quickly. */
export interface CommandEntry {
  readonly name: string;
  /** One line, shown in the list of commands. */
  readonly summary: string;
  load(): Promise<Command>;
}

/**
 * A command: a file in `commands/`, named after the command. `declare` adds its arguments and options to the parser;
 * `run` receives the parsed values and returns the exit status.
 */
export interface Command {
  declare(parser: Parser): void;
  run(context: CommandContext, called: CommandCall): Promise<ExitStatus>;
}

/** The parsed arguments and options of a call. */
export interface CommandCall {
  /** In the declared order; an omitted argument is undefined. */
  readonly arguments: readonly unknown[];
  /** By name in camel case. Each command casts them to the types that it declared. */
  readonly options: { readonly [name: string]: unknown };
}
