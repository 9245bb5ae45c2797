import type { SettingInForce } from '../domain/setting-in-force.ts';
import type { Setting } from './setting-row.ts';
import { namesOf } from './settings.ts';
import { settingTable } from './table.ts';

/** Returns all settings in force of a node that was started with an environment. The value of a secret is not read. */
export function describeSettings(env: NodeJS.ProcessEnv): readonly SettingInForce[] {
  return Object.values(settingTable).map((row: Setting<unknown, string | null>) => {
    const { name, description, isSecret, fallback, defaultText, kind } = row;
    const given = namesOf(row).find((known) => (env[known] ?? '') !== '');
    return {
      name,
      description,
      accepts: kind.accepts,
      isSecret,
      source: given === undefined ? 'DEFAULT' : given === name ? 'ENVIRONMENT' : 'FILE',
      value: isSecret ? null : given === undefined ? fallback : (env[name] ?? null),
      defaultText,
    };
  });
}
