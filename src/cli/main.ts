import { commandTable } from './all-commands.ts';
import { runProcess } from './run-process.ts';

// The command of the package `keytide`.
await runProcess(commandTable);
