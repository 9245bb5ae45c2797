import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is not proved to be of its source, for the log; null: it is. */
export type Prove = (headers: IncomingHttpHeaders, body: Buffer) => Promise<string | null>;
