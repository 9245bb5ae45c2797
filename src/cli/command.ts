import type { Command as Parser } from 'commander';
import type { CommandContext } from './context.ts';
import type { ExitStatus } from './exit-status.ts';

/**
 * One command of the table: a file in `commands/`, named as it is called. `declare` says its arguments and options to the
 * parser, which then has them read; `run` gets them as they were read and gives the status to end with.
 */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  declare(parser: Parser): void;
  run(context: CommandContext, called: CommandCall): Promise<ExitStatus>;
}

/** How a command was called. */
export interface CommandCall {
  /** By position, as they were declared; one that was left out is undefined. */
  readonly arguments: readonly unknown[];
  /** By name, in camel case. Each command knows what it declared. */
  readonly options: { readonly [name: string]: unknown };
}
