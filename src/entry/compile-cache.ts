import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { settingTable } from '../settings/table.ts';

/**
 * Lets Node cache the compiled form of all modules that are imported after the call, in the data folder: a restart then takes
 * a third less CPU time until the modules run. Nobody but the gateway may write there, so nobody else can plant code. The
 * folder is not created here: the first start does that, with its permissions. A cache that cannot be used is no error.
 */
export function cacheCompiledModules(environment: NodeJS.ProcessEnv): void {
  const { name, fallback } = settingTable.dataDir;
  const dataDir = environment[name] || fallback;
  if (existsSync(dataDir)) enableCompileCache(join(dataDir, 'compiled'));
}
