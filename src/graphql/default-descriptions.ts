import SchemaBuilder, { BasePlugin, type PothosInputFieldConfig, type SchemaTypes } from '@pothos/core';

/** Input fields and arguments that mean the same in every mutation, by name. A description at the field comes first. */
const defaults: Readonly<Record<string, string>> = {
  input: 'What to do, as one object.',
  publicKey:
    'A public key of yours: a JWK as JSON text, OKP X25519 or EC P-256. With it the secret is returned as a compact JWE that only your private key opens.',
  reason: 'Why, for people: at most 500 characters. It is shown with the event of this change.',
};

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      defaultDescriptions: DefaultDescriptionsPlugin<Types>;
    }
  }
}

/** Describes input fields that have the same meaning everywhere, so that each is written once. */
class DefaultDescriptionsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onInputFieldConfig(config: PothosInputFieldConfig<Types>): PothosInputFieldConfig<Types> {
    const description = config.description ?? defaults[config.name];
    return description === undefined ? config : { ...config, description };
  }
}

export const DEFAULT_DESCRIPTIONS = 'defaultDescriptions';
SchemaBuilder.registerPlugin(DEFAULT_DESCRIPTIONS, DefaultDescriptionsPlugin);
