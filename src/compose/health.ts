import packageJson from '../../package.json' with { type: 'json' };
import { Health } from '../http/health.ts';
import type { Follower } from '../log/follower.ts';
import type { Parts } from './parts.ts';

/** Maximum lag behind the log at which a node is ready. */
const LAG_LIMIT_MS = 5_000;

/** Returns the readiness checks of a node. */
export function createHealth({ store, clock, isClockTrusted }: Parts, follower: Follower): Health {
  let hasAccount = false;
  return new Health(
    clock,
    {
      database: async () => {
        try {
          await store.readDatabaseTime();
        } catch (error) {
          const refusal = store.refusal();
          if (refusal === null) throw error;
          return { isReady: false, message: refusal };
        }
        return { isReady: true, message: 'The database responds.' };
      },
      account: async () => {
        hasAccount ||= (await store.prisma.account.findFirst({ select: { id: true } })) !== null;
        const message = hasAccount ? 'An account can sign in.' : 'The first start has not created an account yet.';
        return { isReady: hasAccount, message };
      },
      log: () => {
        const lagMs = follower.lagMs();
        const message = Number.isFinite(lagMs)
          ? `The log was last read to its end ${Math.round(lagMs)} ms ago.`
          : 'This node does not follow the stored log. Restart it.';
        return { isReady: lagMs < LAG_LIMIT_MS, message };
      },
      clock: () => {
        const isReady = isClockTrusted();
        const message = isReady
          ? 'The clock follows the database’s clock.'
          : 'This node does not know the time of the database to within 30 s. Check its connection to the database.';
        return { isReady, message };
      },
    },
    packageJson.version,
  );
}
