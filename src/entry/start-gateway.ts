import packageJson from '../../package.json' with { type: 'json' };
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { runFirstStart } from '../accounts/first-start.ts';
import { compose } from '../compose/compose.ts';
import { PolicyRuntime } from '../policies/runtime/runtime.ts';
import { banner } from '../http/banner.ts';
import { listenForAuth } from '../http/auth/listen-for-auth.ts';
import { TrustedProxies } from '../http/client-address.ts';
import { listen } from '../http/listen.ts';
import { logCrashes } from '../logging/log-crashes.ts';
import { createLogger } from '../logging/logger.ts';
import { openDatabase } from './open-database.ts';
import { findExitStatus } from './exit-status.ts';
import { describeSettings } from '../settings/describe-settings.ts';
import { findGivenNames, resolvePublicUrl, readSettings, type Settings } from '../settings/settings.ts';
import { settingTable } from '../settings/table.ts';
import { systemRandom } from '../store/random.ts';

/** Maximum time from the signal to the end of the process. */
const STOP_LIMIT_MS = 25_000;

/** The issuer of session tokens if no public URL is configured. */
const DEFAULT_ISSUER = 'keytide';

try {
  await start(readSettings(process.env));
} catch (error) {
  const status = findExitStatus(error);
  if (status === null) throw error;
  process.stderr.write(`keytide: ${(error as Error).message}\n`);
  process.exit(status);
}

/** Starts a node: database, migrations, the node itself, the port, and the first administrator in an empty database. */
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
  // The next start adopts the embedded database.
  logCrashes(logger);
  const random = systemRandom;
  const stops: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of stops.toReversed()) await end();
  };
  try {
    const { store, clock, sealer, journal, place, close } = await openDatabase(settings, logger, random);
    stops.push(close);
    const policies = new PolicyRuntime({
      sources: {
        pluginsDir: fileURLToPath(new URL('../../plugins', import.meta.url)),
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
      journal,
      policies,
      logger,
      proxies: new TrustedProxies(settings.trustedProxies),
      allowedOrigins: settings.allowedOrigins,
      auth: { headers: settings.authHeaders, trustedRealms: settings.authListen && settings.authRealms },
      openLimits: settings,
      serverLimits: settings,
      issuer: settings.publicUrl ?? DEFAULT_ISSUER,
      publicUrl: () => resolvePublicUrl(settings, listeningPort),
      mail: smtpUrl === null || sender === null ? null : { smtpUrl, sender, pagesUrl: settings.publicUrl },
      isOpen: settings.mode === 'development',
      logRetentionMs: settings.logRetention,
      verificationKeys: settings.verificationKeys,
      approvalKeys: settings.approvalKeys,
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
      settings: describeSettings(process.env),
    });
    stops.push(() => node.stop());
    // After listening has succeeded: a start that fails must not generate a password that it never shows.
    listeningPort = await listen(node.http, settings.host, settings.port);
    if (node.trustedHttp !== null && settings.authListen !== null) {
      await listenForAuth(node.trustedHttp, settings.authListen);
    }
    const firstRun = await runFirstStart(node.services, {
      email: settings.adminEmail,
      password: settings.adminPassword,
    });
    const ignoredSettings = firstRun.isAsConfigured
      ? []
      : findGivenNames([settingTable.adminEmail, settingTable.adminPassword], process.env);
    if (ignoredSettings.length > 0) {
      const remedy = 'to reset a lost password, run: npm run reset-password -- <email>';
      logger.warn({ settings: ignoredSettings }, `administrator settings ignored, because accounts exist; ${remedy}`);
    }
    // Before the banner is printed: a person who has seen it may send a signal.
    endOnSignals(logger, stop);
    process.stdout.write(
      banner({
        version: packageJson.version,
        publicUrl: resolvePublicUrl(settings, listeningPort),
        database: place,
        adminEmail: settings.adminEmail,
        generatedPassword: firstRun.generatedPassword,
        isColored,
      }),
    );
    flushCompileCache();
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Shuts the process down in order at the first SIGTERM or SIGINT. */
function endOnSignals(logger: Logger, stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    // npm forwards a Ctrl-C that the terminal has sent already: the second signal must not cut the shutdown short.
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'shutting down');
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'shutdown failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
