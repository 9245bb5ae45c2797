import type { CommandEntry } from './command.ts';

/** The commands that need no module of the gateway. The package `@keytide/client` has only these. */
export const clientCommands: readonly CommandEntry[] = [
  {
    name: 'login',
    summary: 'log in with a code that you confirm in a browser',
    load: async () => (await import('./commands/login.ts')).loginCommand,
  },
  {
    name: 'logout',
    summary: 'delete the login and end its session',
    load: async () => (await import('./commands/logout.ts')).logoutCommand,
  },
  {
    name: 'exchange',
    summary: 'exchange the token of a CI job for a key of 15 minutes',
    load: async () => (await import('./commands/exchange.ts')).exchangeCommand,
  },
  {
    name: 'issue',
    summary: 'issue a key',
    load: async () => (await import('./commands/issue.ts')).issueCommand,
  },
  {
    name: 'import',
    summary: 'import the keys of another system from a file',
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  {
    name: 'import-freezes',
    summary: 'add the events of a calendar file to the freezes of a realm',
    load: async () => (await import('./commands/import-freezes.ts')).importFreezesCommand,
  },
  {
    name: 'list',
    summary: 'list keys',
    load: async () => (await import('./commands/list.ts')).listCommand,
  },
  {
    name: 'show',
    summary: 'show the state, secrets, rotation and renewal of a key',
    load: async () => (await import('./commands/show.ts')).showCommand,
  },
  {
    name: 'explain',
    summary: 'explain why a key stops when it does',
    load: async () => (await import('./commands/explain.ts')).explainCommand,
  },
  {
    name: 'timeline',
    summary: 'draw when keys stop in the next weeks, by hand and by themselves',
    load: async () => (await import('./commands/timeline.ts')).timelineCommand,
  },
  {
    name: 'usage',
    summary: 'show who uses a key, and how often; or all keys of a realm',
    load: async () => (await import('./commands/usage.ts')).usageCommand,
  },
  {
    name: 'rotate',
    summary: 'give a key a new secret',
    load: async () => (await import('./commands/rotate.ts')).rotateCommand,
  },
  {
    name: 'undo',
    summary: 'undo the rotation of a key',
    load: async () => (await import('./commands/undo.ts')).undoCommand,
  },
  {
    name: 'renew-key',
    summary: 'renew a key by hand, also one that expired within 30 days',
    load: async () => (await import('./commands/renew-key.ts')).renewKeyCommand,
  },
  {
    name: 'hold',
    summary: 'suspend a key until it is resumed',
    load: async () => (await import('./commands/hold.ts')).holdCommand,
  },
  {
    name: 'resume',
    summary: 'resume a held key',
    load: async () => (await import('./commands/resume.ts')).resumeCommand,
  },
  {
    name: 'revoke',
    summary: 'revoke a key for good',
    load: async () => (await import('./commands/revoke.ts')).revokeCommand,
  },
  {
    name: 'change',
    summary: 'hold, resume, revoke, renew, label or transfer many keys',
    load: async () => (await import('./commands/change.ts')).changeCommand,
  },
  {
    name: 'operations',
    summary: 'list, follow, pause, stop, undo or approve changes of many keys',
    load: async () => (await import('./commands/operations.ts')).operationsCommand,
  },
  {
    name: 'keep',
    summary: 'register a key for renewal on this machine; list registered keys',
    load: async () => (await import('./commands/keep.ts')).keepCommand,
  },
  {
    name: 'renew',
    summary: 'renew the registered keys that are due',
    load: async () => (await import('./commands/renew.ts')).renewCommand,
  },
  {
    name: 'watch',
    summary: 'print events as they happen',
    load: async () => (await import('./commands/watch.ts')).watchCommand,
  },
  {
    name: 'check',
    summary: 'report keys that are close to their stop, for monitoring',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'doctor',
    summary: 'check folders, gateway, clock, login and secrets',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  {
    name: 'realms',
    summary: 'list realms, with their actions and bounds',
    load: async () => (await import('./commands/realms.ts')).realmsCommand,
  },
  {
    name: 'accounts',
    summary: 'list accounts',
    load: async () => (await import('./commands/accounts.ts')).accountsCommand,
  },
  {
    name: 'invite',
    summary: 'invite a person to create an account',
    load: async () => (await import('./commands/invite.ts')).inviteCommand,
  },
  {
    name: 'disable',
    summary: 'disable an account; its keys keep working',
    load: async () => (await import('./commands/disable.ts')).disableCommand,
  },
];

/** Returns the commands in the order in which the help lists them, and adds the command that prints completions. */
export function createCommandTable(commands: readonly CommandEntry[]): readonly CommandEntry[] {
  const completion: CommandEntry = {
    name: 'completion',
    summary: 'print a completion script for your shell',
    load: async () => (await import('./commands/completion.ts')).createCompletionCommand(() => table),
  };
  const table: readonly CommandEntry[] = [...commands, completion];
  return table;
}
