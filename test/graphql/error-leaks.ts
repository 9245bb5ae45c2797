import { expect } from 'vitest';
import type { Answer, Gateway } from '../support/gateway.ts';
import type { OperationCase } from './every-operation.ts';

/** The message of a thrown error that no caller may see. */
export const LEAK =
  'KTLEAK Invalid `prisma.key.findMany()` invocation in /srv/keytide/src/keys/verify.ts:12: SELECT "digest" FROM "Secret" failed at db.internal:5432';

const leaked = /KTLEAK|prisma|\bSELECT\b|\/srv\/|\.ts\b|node_modules|db\.internal|:5432|digest|stack| at \w+ \(/i;

/** The kinds of values that are thrown. */
export const thrownShapes: readonly (() => unknown)[] = [
  () => new Error(LEAK),
  () =>
    Object.assign(new Error(LEAK), { name: 'PrismaClientKnownRequestError', code: 'P2010', meta: { message: LEAK } }),
  () => Object.assign(new Error(LEAK), { code: '42P01', severity: 'ERROR', detail: LEAK, hint: LEAK }),
  () => Object.assign(new Error(LEAK), { extensions: { code: 'BAD_USER_INPUT', detail: LEAK } }),
  () => new TypeError(LEAK, { cause: new Error(LEAK) }),
  () => new AggregateError([new Error(LEAK), new Error(LEAK)], LEAK),
  () => LEAK,
  () => ({ message: LEAK, toString: () => LEAK, toJSON: () => LEAK }),
  () => undefined,
];

/** A whole response; of a stream the first event. */
export interface ObservedResponse extends Pick<Answer, 'status' | 'data' | 'errors'> {
  readonly text: string;
  readonly isStream: boolean;
}

/** Runs an operation with a given request id. */
export async function askAs(
  requestId: string,
  { url }: Gateway,
  { field, query }: Pick<OperationCase, 'field' | 'query'>,
  { variables, credential }: Awaited<ReturnType<OperationCase['prepare']>>,
): Promise<ObservedResponse> {
  const isStream = field.startsWith('Subscription.');
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Request-Id': requestId,
      ...(isStream && { Accept: 'text/event-stream' }),
      ...(credential !== null && { Authorization: `Bearer ${credential}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (isStream && /^data: .*\n(?:id: .*\n)?\n/m.test(text)) break;
  }
  const body = isStream ? /^data: (.*)\n(?:id: .*\n)?\n/m.exec(text)![1]! : text;
  return { status: response.status, text, isStream, ...(JSON.parse(body) as object) } as ObservedResponse;
}

/** Expects a response with a masked error and the request id that finds it in the log, and nothing else. */
export function expectMasked(gateway: Gateway, answer: ObservedResponse, requestId: string, place: string): void {
  expect(answer.text, place).not.toMatch(leaked);
  expect(answer.errors?.length, place).toBeGreaterThan(0);
  for (const { message, extensions } of answer.errors ?? []) {
    expect(message, place).toBe('Internal error. Report the request id to the operator of this gateway.');
    expect(extensions, place).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId });
  }
  // A stream that has started is 200, whatever it contains.
  expect(answer.isStream ? [200, 500] : [answer.data == null ? 500 : 200], place).toContain(answer.status);
  const logged = gateway.logged.filter((line) => line.includes(requestId) && line.includes('operation failed'));
  expect(logged.length, place).toBeGreaterThan(0);
}
