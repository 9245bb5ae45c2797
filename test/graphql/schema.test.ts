import { expect, test } from 'vitest';
import { printedSchema } from '../../src/graphql/schema.ts';

// `npm run schema` writes the file anew.
test('schema.graphql is generated from the code', async () => {
  await expect(printedSchema()).toMatchFileSnapshot('../../schema.graphql');
});
