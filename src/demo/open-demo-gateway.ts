import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFirstStart } from '../accounts/first-start.ts';
import { compose, type Node } from '../compose/compose.ts';
import { TrustedProxies } from '../http/client-address.ts';
import { listen } from '../http/listen.ts';
import { createLogger } from '../logging/logger.ts';
import { PolicyRuntime } from '../policies/runtime/runtime.ts';
import { describeSettings } from '../settings/describe-settings.ts';
import { readSettings } from '../settings/settings.ts';
import { startEmbedded } from '../store/embedded.ts';
import { migrate } from '../store/migrate.ts';
import { openStore } from '../store/prisma.ts';
import { systemRandom } from '../store/random.ts';
import { Sealer } from '../store/sealing.ts';
import { StoryClock } from './story-clock.ts';

/** A gateway that exists as long as the demo runs. */
export interface DemoGateway {
  readonly node: Node;
  readonly clock: StoryClock;
  /** Its address: on this machine only. */
  readonly url: string;
  readonly email: string;
  readonly password: string;
  /** The folder that has everything of it. */
  readonly folder: string;
  /** Stops the gateway and its database, and removes the folder. Idempotent. */
  remove(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Opens a gateway on a new folder below the system's folder for temporary files, with its own embedded PostgreSQL. No setting
 * of the environment applies to it: it cannot reach another database.
 */
export async function openDemoGateway(port: number): Promise<DemoGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'keytide-demo-'));
  const stops: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  let removal: Promise<void> | null = null;
  const removeAll = async () => {
    for (const stop of stops.toReversed()) await stop();
  };
  const remove = () => (removal ??= removeAll());
  try {
    const random = systemRandom;
    const clock = new StoryClock();
    const settings = readSettings({});
    const logger = createLogger({
      level: 'silent',
      format: 'json',
      isTerminal: false,
      isColored: false,
      write: () => undefined,
    });
    // A power failure may lose all of it: each demo starts with an empty database.
    const database = await startEmbedded({ folder: join(folder, 'data'), fsync: false, log: logger });
    stops.push(() => database.stop());
    await migrate(database.connectionString, { log: logger });
    const store = openStore(database.connectionString, { poolSize: 10, log: logger });
    stops.push(() => store.close());
    const policies = new PolicyRuntime({
      sources: { pluginsDir: fileURLToPath(new URL('../../plugins', import.meta.url)), extraDir: null, packages: [] },
      storeDir: join(folder, 'policies'),
      log: logger,
      clock,
    });
    await policies.start();
    stops.push(() => policies.stop());
    let url = `http://${HOST}:${port}`;
    const node = await compose({
      store,
      clock,
      random,
      sealer: new Sealer(random(32), random),
      policies,
      logger,
      proxies: new TrustedProxies([]),
      allowedOrigins: [],
      auth: { headers: settings.authHeaders, trustedRealms: null },
      openLimits: settings,
      serverLimits: settings,
      verificationKeys: settings.verificationKeys,
      approvalKeys: null,
      issuer: 'keytide-demo',
      publicUrl: () => url,
      mail: null,
      isOpen: true,
      logRetentionMs: null,
      isClockTrusted: () => true,
      webhooks: { allowedHosts: [], plainHosts: [], ports: [] },
      issuers: { allowedHosts: [], plainHosts: [], ports: [] },
      leaks: { githubKeys: null, sources: [] },
      settings: describeSettings({}),
    });
    stops.push(() => node.stop());
    url = `http://${HOST}:${await listen(node.http, HOST, port)}`;
    const email = settings.adminEmail;
    const { generatedPassword } = await runFirstStart(node.services, { email, password: null });
    return { node, clock, url, email, password: generatedPassword?.reveal() ?? '', folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
