import { test } from 'vitest';
import { openGateway } from './support/gateway.ts';
test('x', async () => {
  const g = await openGateway();
  const a = await g.ask('{ viewer { ', {}, await g.admin());
  console.log(JSON.stringify(a));
  const b = await g.ask('{ viewerx }', {}, await g.admin());
  console.log(JSON.stringify(b));
  const c = await g.ask('mutation($input: SignInInput!) { signIn(input: $input) { __typename } }', { input: {email: 1} }, await g.admin());
  console.log(JSON.stringify(c));
});
