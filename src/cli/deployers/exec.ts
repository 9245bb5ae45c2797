import { z } from 'zod';
import type { DeployerKind } from './deployer.ts';

const settings = z.strictObject({
  to: z.literal('exec'),
  /** A line for /bin/sh. */
  command: z.string().min(1),
  /** How it gets the secret: as the path KEYTIDE_SECRET_FILE, or on its standard input. */
  secret: z.enum(['file', 'stdin']).default('file'),
});

/** Any command: that it ends with 0 says that the secret is where it has to be. */
export const execDeployer: DeployerKind<typeof settings> = {
  settings,
  open: ({ command, secret: by }, { runHook }) => ({
    place: `exec ${command}`,
    // What it would do is known to itself alone.
    check: async () => undefined,
    put: (secret, facts) => runHook('deploy', command, facts, by === 'stdin' ? secret : null),
    holds: async () => null,
  }),
};
