import packageJson from '../../package.json' with { type: 'json' };
import { Health } from '../http/health.ts';
import type { Follower } from '../log/follower.ts';
import type { Parts } from './parts.ts';

/** Behind the log by more than this, a node is not ready. */
const LAG_LIMIT_MS = 5_000;

/** What has to hold for a node to be ready. */
export function createHealth({ store: { prisma }, clock, isClockTrusted }: Parts, follower: Follower): Health {
  return new Health(
    clock,
    {
      database: async () => {
        await prisma.$queryRaw`SELECT 1`;
        return { isReady: true, message: 'The database answers.' };
      },
      log: () => {
        const lagMs = follower.lagMs();
        const message = Number.isFinite(lagMs)
          ? `The log was read to its end ${Math.round(lagMs)} ms ago.`
          : 'This node does not follow the log that is there: start it again.';
        return { isReady: lagMs < LAG_LIMIT_MS, message };
      },
      clock: () => ({ isReady: isClockTrusted(), message: 'The clock follows the database’s.' }),
    },
    packageJson.version,
  );
}
