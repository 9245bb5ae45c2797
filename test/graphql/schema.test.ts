import { expect, test } from 'vitest';
import { printedSchema } from '../../src/graphql/schema.ts';

// `npm run schema` writes the file anew.
test('schema.graphql is what the code says', async () => {
  await expect(printedSchema()).toMatchFileSnapshot('../../schema.graphql');
});
