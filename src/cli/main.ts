#!/usr/bin/env node
import { exitStatus } from './exit-status.ts';
import { runCommand } from './run-command.ts';

// A reader such as head closes the pipe early: that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitStatus.OK : exitStatus.SOFTWARE);
});

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  streams: { out: process.stdout, err: process.stderr },
  input: process.stdin,
});
