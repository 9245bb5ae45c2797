import type * as kinds from './kinds.ts';

/** A row of the table that reading, messages and documentation share. */
export interface Setting<Value, Fallback extends string | null> {
  readonly name: string;
  readonly description: string;
  readonly kind: kinds.SettingKind<Value>;
  /** The text that is read if the setting is not given; null: the setting is null then. */
  readonly fallback: Fallback;
  /** Describes the default for operators. */
  readonly defaultText: string;
  /**
   * Whether the setting is a secret, which may also be given as the path of a file, in the setting with the suffix
   * `_FILE`.
   */
  readonly isSecret: boolean;
}

/** Makes rows: of a setting with a default, of one that may be missing, and of a secret that may be missing. */
export const settingRows = { plain, optional, secret };

function plain<Value>(name: string, fallback: string, kind: kinds.SettingKind<Value>, about: string) {
  return {
    name,
    description: about,
    kind,
    fallback,
    defaultText: fallback || 'none',
    isSecret: false,
  } satisfies Setting<Value, string>;
}

function optional<Value>(name: string, otherwise: string, kind: kinds.SettingKind<Value>, about: string) {
  return { name, description: about, kind, fallback: null, defaultText: otherwise, isSecret: false } satisfies Setting<
    Value,
    null
  >;
}

function secret<Value>(name: string, otherwise: string, kind: kinds.SettingKind<Value>, about: string) {
  return { name, description: about, kind, fallback: null, defaultText: otherwise, isSecret: true } satisfies Setting<
    Value,
    null
  >;
}
