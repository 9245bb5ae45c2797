import { clientCommands, createCommandTable } from './command-table.ts';

/** The commands of the package `keytide`. */
export const commandTable = createCommandTable([
  {
    name: 'serve',
    summary: 'start the gateway',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
  },
  {
    name: 'demo',
    summary: 'tell the story of Keytide in a minute, on a gateway that is removed afterwards',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
  ...clientCommands,
  {
    name: 'check-policy',
    summary: 'check whether a policy module fulfils the contract',
    load: async () => (await import('./commands/check-policy.ts')).checkPolicyCommand,
  },
  {
    name: 'backup',
    summary: 'write a backup of the gateway’s database to a file; the gateway may go on',
    load: async () => (await import('./commands/backup.ts')).backupCommand,
  },
  {
    name: 'restore',
    summary: 'restore a backup into an empty database; replay what was revoked since',
    load: async () => (await import('./commands/restore.ts')).restoreCommand,
  },
  {
    name: 'reseal',
    summary: 'give up what was sealed under a lost sealing key, so that the gateway starts again',
    load: async () => (await import('./commands/reseal.ts')).resealCommand,
  },
]);
