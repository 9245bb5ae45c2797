import SchemaBuilder, { BasePlugin, type PothosInputFieldConfig, type SchemaTypes } from '@pothos/core';

/**
 * Descriptions of input fields and arguments that mean the same in every mutation, by name. The description that a
 * field has of its own comes first.
 */
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

/** Gives each input field without a description of its own the default description of its name. */
class DefaultDescriptionsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onInputFieldConfig(config: PothosInputFieldConfig<Types>): PothosInputFieldConfig<Types> {
    const description = config.description ?? defaults[config.name];
    return description === undefined ? config : { ...config, description };
  }
}

export const DEFAULT_DESCRIPTIONS = 'defaultDescriptions';
SchemaBuilder.registerPlugin(DEFAULT_DESCRIPTIONS, DefaultDescriptionsPlugin);

/** Descriptions of nodes, connections and pages, for the options of the relay plugin. All lists share them. */
export const relayDescriptions = {
  nodeTypeOptions: { description: 'An object with an id, by which `node` finds it.' },
  idFieldOptions: {
    description: 'Unique id: its kind, an underscore and 26 characters, for example key_01h455vb4pex5vsknk084sn02q.',
  },
  pageInfoTypeOptions: { description: 'Where a page lies in its list, and the cursors of its ends.' },
  hasNextPageFieldOptions: {
    description: 'Whether items follow this page. When paging backwards it only says whether `before` was given.',
  },
  hasPreviousPageFieldOptions: {
    description: 'Whether items precede this page. When paging forwards it only says whether `after` was given.',
  },
  startCursorFieldOptions: { description: 'Cursor of the first item, for `before`. Null if the page is empty.' },
  endCursorFieldOptions: { description: 'Cursor of the last item, for `after`. Null if the page is empty.' },
  defaultConnectionTypeOptions: { description: 'One page of a list.' },
  edgesFieldOptions: { description: 'The items of the page, each with its cursor, in the order of the list.' },
  pageInfoFieldOptions: { description: 'Whether there are more items, and how to get them.' },
  defaultEdgeTypeOptions: { description: 'An item of a list, with its cursor.' },
  cursorFieldOptions: { description: 'Position of the item in this list, for `after` and `before`. Opaque.' },
  nodeFieldOptions: { description: 'The item itself.' },
  firstArgOptions: {
    description: 'How many items to return from the start of the list, or behind `after`: 0 to 100. Default: 20.',
  },
  afterArgOptions: { description: 'Cursor of the item that precedes the page.' },
  lastArgOptions: {
    description: 'How many items to return from the end of the list, or ahead of `before`: 0 to 100. Not with `first`.',
  },
  beforeArgOptions: { description: 'Cursor of the item that follows the page.' },
} as const;
