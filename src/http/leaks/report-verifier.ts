import type { IncomingHttpHeaders } from 'node:http';

/** Verifies that the source signed a body. Returns null if it did, else the reason for the log. */
export type BodyVerifier = (body: Buffer) => string | null;

/**
 * Verifies the headers of a request before its body is read. Returns the reason for the log if the request cannot come
 * from the source, else the verifier of its body.
 */
export type ReportVerifier = (headers: IncomingHttpHeaders) => Promise<string | BodyVerifier>;
