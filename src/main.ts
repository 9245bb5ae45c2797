import packageJson from '../package.json' with { type: 'json' };
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { runFirstStart } from './accounts/first-start.ts';
import { compose } from './compose.ts';
import { PolicyRuntime } from './policies/runtime/runtime.ts';
import { banner } from './http/banner.ts';
import { TrustedProxies } from './http/client-address.ts';
import { listen } from './http/listen.ts';
import { createLogger } from './logger.ts';
import { openDatabase } from './open-database.ts';
import { findExitStatus } from './exit-status.ts';
import { findGivenNames, resolvePublicUrl, readSettings, type Settings } from './settings.ts';
import { settingTable } from './settings/table.ts';
import { systemRandom } from './store/random.ts';

/** From the signal to the end of the process at most so long, whatever hangs. */
const STOP_LIMIT_MS = 25_000;

/** Who issues session tokens while it is not said where callers reach the gateway. */
const ISSUER = 'keytide';

try {
  await start(readSettings(process.env));
} catch (error) {
  const status = findExitStatus(error);
  if (status === null) throw error;
  process.stderr.write(`keytide: ${(error as Error).message}\n`);
  process.exit(status);
}

/** Starts a node: database, migrations, the node itself, the port, and on an empty database who comes first. */
async function start(settings: Settings): Promise<void> {
  const isTerminal = process.stdout.isTTY;
  const isColored = isTerminal && !process.env['NO_COLOR'];
  const logger = createLogger({
    level: settings.logLevel,
    format: settings.logFormat,
    isTerminal,
    isColored,
    write: (entry) => process.stdout.write(entry),
  });
  // What nobody has caught is told by the log, which holds no secrets; the database is adopted by the next start.
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'a fault that nobody has caught');
    process.exit(1);
  });
  const random = systemRandom;
  const stops: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of stops.toReversed()) await end();
  };
  try {
    const { store, clock, sealer, place, close } = await openDatabase(settings, logger, random);
    stops.push(close);
    const policies = new PolicyRuntime({
      sources: {
        pluginsDir: fileURLToPath(new URL('../plugins', import.meta.url)),
        extraDir: settings.policiesDir,
        packages: settings.policyPackages,
      },
      storeDir: join(settings.dataDir, 'policies'),
      log: logger,
      clock,
    });
    await policies.start();
    stops.push(() => policies.stop());
    const { smtpUrl, mailFrom: sender } = settings;
    let listeningPort = settings.port;
    const node = await compose({
      store,
      clock,
      random,
      sealer,
      policies,
      logger,
      proxies: new TrustedProxies(settings.trustedProxies),
      allowedOrigins: settings.allowedOrigins,
      openLimits: settings,
      issuer: settings.publicUrl ?? ISSUER,
      publicUrl: () => resolvePublicUrl(settings, listeningPort),
      mail: smtpUrl === null || sender === null ? null : { smtpUrl, sender },
      isOpen: settings.mode === 'development',
      logRetentionMs: settings.logRetention,
      isClockTrusted: () => clock.isTrusted(),
      webhooks: {
        allowedHosts: settings.webhookAllowedHosts,
        plainHosts: settings.webhookPlainHosts,
        ports: settings.webhookPorts,
      },
      issuers: {
        allowedHosts: settings.issuerAllowedHosts,
        plainHosts: settings.issuerPlainHosts,
        ports: settings.issuerPorts,
      },
      leaks: { githubKeys: settings.githubKeys, sources: settings.leakSources ?? [] },
    });
    stops.push(() => node.stop());
    // In this order: a password is generated only by a start that goes on to show it.
    listeningPort = await listen(node.http, settings.host, settings.port);
    const first = await runFirstStart(node.services, { email: settings.adminEmail, password: settings.adminPassword });
    const notApplied = first.isAsConfigured
      ? []
      : findGivenNames([settingTable.adminEmail, settingTable.adminPassword], process.env);
    if (notApplied.length > 0) {
      const wayBack = 'For a lost password: npm run reset-password -- <email>.';
      logger.warn(`Not applied: ${notApplied.join(', ')}. There are accounts already. ${wayBack}`);
    }
    // By the banner whoever started it knows that it may be ended.
    endOnSignals(logger, stop);
    process.stdout.write(
      banner({
        version: packageJson.version,
        publicUrl: resolvePublicUrl(settings, listeningPort),
        database: place,
        adminEmail: settings.adminEmail,
        generatedPassword: first.generatedPassword,
        isColored,
      }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends the process, in order, upon the first signal that asks for it. */
function endOnSignals(logger: Logger, stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    // npm passes on a Ctrl-C that the terminal has sent already: the second must not cut the first one short.
    if (isStopping) return;
    isStopping = true;
    logger.info(`${signal}: finishing what runs`);
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
