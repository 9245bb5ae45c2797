/** Where the value of a setting comes from: a variable of the environment, the file that a variable names, or the default. */
export const settingSources = ['ENVIRONMENT', 'FILE', 'DEFAULT'] as const;

/** A setting as a node uses it. It never has the value of a secret. */
export interface SettingInForce {
  readonly name: string;
  readonly description: string;
  readonly accepts: string;
  readonly isSecret: boolean;
  readonly source: (typeof settingSources)[number];
  /** As it was written. Null: it is a secret, or is not given and has a default that depends on others. */
  readonly value: string | null;
  /** Describes the default. */
  readonly defaultText: string;
}
