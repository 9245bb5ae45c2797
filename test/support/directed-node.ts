// A node that its parent directs, message by message: node directed-node.ts <connection string> <instant> [<port>]
//
// It tells { url } when it listens. Its clock stands still. With a port it sends webhooks to that
// port of this machine. See Direction for what it does when it is told to, and
// Report for what it tells then.

import { compose } from '../../src/compose/compose.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { TrustedProxies } from '../../src/http/client-address.ts';
import { listen } from '../../src/http/listen.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { openStore } from '../../src/store/prisma.ts';
import { systemRandom } from '../../src/store/random.ts';
import { Sealer } from '../../src/store/sealing.ts';
import { ManualClock } from './clock.ts';
import { unreachableWebhooks } from './unreachable-webhooks.ts';
import { sharedPolicies } from './policies.ts';
import { type FaultPlace, StatementFaults } from './statement-faults.ts';

/** What a parent says. */
export type Direction =
  /** At that statement of the next transaction, the node gets that signal: it is killed, or stops until it is continued. */
  | { readonly action: 'ARM'; readonly place: FaultPlace; readonly signal: 'SIGKILL' | 'SIGSTOP' }
  /** Reviews all that is due. */
  | { readonly action: 'REVIEW' }
  /** Runs a batch of each operation. */
  | { readonly action: 'OPERATE' }
  /** Sends the mails that are due. */
  | { readonly action: 'MAIL' }
  /** Writes that use. */
  | { readonly action: 'WRITE_USE'; readonly sightings: readonly Sighting[] };

/** A use of a secret by a consumer. */
interface Sighting {
  readonly secretId: string;
  readonly keyId: string;
  readonly consumer: string;
  readonly at: string;
}

/** What the node answers when it has done so. */
export interface Report {
  readonly url?: string;
  /** How many keys it reviewed. */
  readonly reviewedCount?: number;
  /** What went wrong. */
  readonly failure?: string;
}

const [database = '', instant = '', smtpUrl = '', receiverPort = ''] = process.argv.slice(2);
let signal: NodeJS.Signals = 'SIGKILL';
const faults = new StatementFaults(() => void process.kill(process.pid, signal));
const write = (line: string) => void process.stderr.write(line);
const logger = createLogger({ level: 'error', format: 'json', isTerminal: false, isColored: false, write });
const node = await compose({
  store: openStore(database, { poolSize: 4, log: logger }),
  clock: new ManualClock(new Date(instant)),
  random: systemRandom,
  sealer: new Sealer(new Uint8Array(32).fill(7), systemRandom),
  logger,
  policies: await sharedPolicies(),
  proxies: new TrustedProxies([]),
  allowedOrigins: [],
  auth: { headers: [], trustedRealms: null },
  openLimits: readSettings({}),
  serverLimits: readSettings({}),
  verificationKeys: readSettings({}).verificationKeys,
  approvalKeys: null,
  issuer: 'http://keytide.test',
  publicUrl: () => 'https://keytide.test',
  mail:
    smtpUrl === '' ? null : { smtpUrl: new Sensitive(smtpUrl), sender: { name: '', address: 'keytide@example.com' } },
  isOpen: true,
  logRetentionMs: null,
  // Without a door it does nothing by itself.
  leaks: { githubKeys: null, sources: [] },
  settings: [],
  issuers: unreachableWebhooks,
  isClockTrusted: () => smtpUrl !== '' || receiverPort !== '',
  webhooks:
    receiverPort === ''
      ? unreachableWebhooks
      : { allowedHosts: ['127.0.0.1'], plainHosts: ['127.0.0.1'], ports: [Number(receiverPort)] },
});

process.on('message', (direction: Direction) => {
  const failed = (error: unknown): Report => ({ failure: String(error) });
  void follow(direction)
    .catch(failed)
    .then((report) => process.send?.(report));
});
process.once('disconnect', () => process.exit());
const port = await listen(node.http, '127.0.0.1', 0);
// What the first sign-in of a node would make besides is made before it: the key that signs.
await (await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`)).text();
process.send?.({ url: `http://127.0.0.1:${port}` } satisfies Report);

async function follow(direction: Direction): Promise<Report> {
  switch (direction.action) {
    case 'ARM':
      signal = direction.signal;
      faults.arm(direction.place);
      return {};
    case 'REVIEW':
      return { reviewedCount: await node.reviewer.reviewDue() };
    case 'OPERATE':
      await node.operationLoop.runRound();
      return {};
    case 'MAIL':
      await node.mailer?.sendDue();
      return {};
    case 'WRITE_USE':
      for (const { keyId, secretId, consumer, at } of direction.sightings) {
        node.services.uses.record({ id: keyId, secretId }, consumer, new Date(at));
      }
      await node.services.uses.flush();
      return {};
  }
}
