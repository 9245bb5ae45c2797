import type { Answer, Gateway } from './gateway.ts';

/** What an operation is answered, by whatever way it came: of a stream, the first answer. */
export interface TransportResponse {
  /** Null: this way has no status. */
  readonly status: number | null;
  readonly data?: Answer['data'] | null;
  readonly errors?: Answer['errors'];
}

/** One way by which operations reach the gateway. */
export interface Transport {
  readonly name: string;
  ask(gateway: Gateway, query: string, variables?: object, credential?: string | null): Promise<TransportResponse>;
}

const overHttp: Transport = {
  name: 'over HTTP',
  ask: (gateway, query, variables = {}, credential = null) => gateway.ask(query, variables, credential),
};

const overSse: Transport = {
  name: 'over SSE',
  async ask({ url }, query, variables = {}, credential = null) {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'text/event-stream',
        ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const [, data] = /^event: next\ndata: (.*)\n(?:id: .*\n)?\n/m.exec(text) ?? [];
      if (data !== undefined) return { status: response.status, ...(JSON.parse(data) as object) };
    }
    throw new Error(`the stream ended with ${text}`);
  },
};

const overSocket: Transport = {
  name: 'over WebSocket',
  async ask(gateway, query, variables = {}, credential = null) {
    const client = gateway.socket(credential);
    const answered = Promise.withResolvers<TransportResponse>();
    const stop = client.subscribe(
      { query, variables: variables as Record<string, unknown> },
      {
        next: (answer) => answered.resolve({ status: null, ...(answer as object) }),
        error: (error) =>
          Array.isArray(error)
            ? answered.resolve({ status: null, errors: error as unknown as NonNullable<TransportResponse['errors']> })
            : answered.reject(error),
        complete: () => answered.reject(new Error('completed without an answer')),
      },
    );
    return await answered.promise.finally(async () => {
      stop();
      await client.dispose();
    });
  },
};

/** Every way there is. Sockets are opened with a good credential alone. */
export const transports: readonly Transport[] = [overHttp, overSse, overSocket];
