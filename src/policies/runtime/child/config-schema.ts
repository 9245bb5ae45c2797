import { z, type Policy } from '../../contract.ts';

type Schema = { [keyword: string]: unknown };

/**
 * Returns the JSON Schema (draft 2020-12) of a configuration as an operator writes it. What a member means without a value, which a
 * module gives as `nullMeans` in the meta data of the member, describes the alternative `null`.
 */
export function configSchemaOf(config: Policy['config']) {
  return z.toJSONSchema(config, { io: 'input', override: ({ jsonSchema }) => describeNull(jsonSchema as Schema) });
}

function describeNull(schema: Schema): void {
  const { nullMeans, anyOf } = schema;
  if (nullMeans === undefined || !Array.isArray(anyOf)) return;
  delete schema['nullMeans'];
  schema['anyOf'] = (anyOf as Schema[]).map((one) =>
    one['type'] === 'null' ? { ...one, description: nullMeans } : one,
  );
}
