import { clientCommands, createCommandTable } from './command-table.ts';
import { runProcess } from './run-process.ts';

// The command of the package `@keytide/client`.
await runProcess(createCommandTable(clientCommands));
