import { reportLeaks } from '../../keys/report-leaks.ts';
import { redact } from '../../redact.ts';
import { sendJson, sendProblem } from '../responses.ts';
import type { Metrics } from '../metrics.ts';
import type { Route } from '../http-server.ts';
import type { BodyReader } from './concurrent-bodies.ts';
import type { ReportVerifier } from './report-verifier.ts';
import { parseLeakReport, RECORDS_MAX } from './parse-report.ts';

/** In bytes: 1,000 records of GitHub’s have about 300,000. */
const BODY_MAX = 2_000_000;

/** Somebody who reports leaks. */
interface LeakSource {
  /** What events call it. */
  readonly name: string;
  readonly verify: ReportVerifier;
}

/** What reports are acted on with. */
export type LeakCore = Parameters<typeof reportLeaks>[0] & { readonly metrics: Metrics };

/**
 * Takes the reports of one source, and answers which of what it found are, or were, secrets of keys, by digest, as GitHub has
 * it ("Provide feedback for false positives"). What is not proved to be of that source is refused, in one form, and
 * without its body being read where its headers tell.
 */
export function leakSourceRoute(core: LeakCore, { name, verify }: LeakSource, read: BodyReader): Route {
  const count = (outcome: 'TAKEN' | 'REFUSED' | 'UNREADABLE') =>
    core.metrics.leakReports.inc({ source: name, outcome });
  return {
    methods: ['POST'],
    handle: async (request, response, { log }) => {
      const refuse = (problem: string) => {
        count('REFUSED');
        log.warn({ source: name, problem }, 'a report of leaks was refused');
        sendProblem(response, 400, 'Found no good signature of this source over this body.');
      };
      const proveBody = await verify(request.headers);
      if (typeof proveBody === 'string') return refuse(proveBody);
      const body = await read(request, BODY_MAX);
      if (body === null) {
        count('UNREADABLE');
        return sendProblem(response, 413, `The body is too large; ${BODY_MAX} bytes are accepted.`);
      }
      const problem = proveBody(body);
      if (problem !== null) return refuse(problem);
      const records = parseLeakReport(body, name);
      if (records === null || records.length > RECORDS_MAX) {
        count('UNREADABLE');
        const accepted = `a JSON list of at most ${RECORDS_MAX} records is accepted`;
        return sendProblem(response, 400, `The body is something else, or more; ${accepted}.`);
      }
      const ours = await reportLeaks(core, records);
      count('TAKEN');
      const feedback = records.map(({ digest, type }) => ({
        token_hash: digest,
        token_type: redact(type),
        label: ours.has(digest) ? 'true_positive' : 'false_positive',
      }));
      sendJson(response, 200, feedback);
    },
  };
}
