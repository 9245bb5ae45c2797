import type { IncomingHttpHeaders } from 'node:http';

/** Why a body is not proved to be of its source, for the log; null: it is. */
export type BodyVerifier = (body: Buffer) => string | null;

/** Why a request cannot be of its source, for the log, as its headers say before its body is read; else what proves that. */
export type ReportVerifier = (headers: IncomingHttpHeaders) => Promise<string | BodyVerifier>;
