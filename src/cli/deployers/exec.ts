import { z } from 'zod';
import type { DeployerKind } from './deployer.ts';

const settings = z.strictObject({
  to: z.literal('exec'),
  /** A command line for /bin/sh. */
  command: z.string().min(1),
  /** How the command receives the secret: as the file KEYTIDE_SECRET_FILE, or on standard input. */
  secret: z.enum(['file', 'stdin']).default('file'),
});

/** Deploys by any command. Exit status 0 confirms that the secret is deployed. */
export const execDeployer: DeployerKind<typeof settings> = {
  settings,
  open: ({ command, secret: source }, { runHook }) => ({
    place: `exec ${command}`,
    // The effect of the command cannot be checked without running it.
    check: async () => undefined,
    put: (secret, facts) => runHook('deploy', command, facts, source === 'stdin' ? secret : null),
    holds: async () => null,
  }),
};
