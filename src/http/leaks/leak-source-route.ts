import { reportLeaks } from '../../keys/report-leaks.ts';
import { redact } from '../../logging/redact.ts';
import { sendJson, sendProblem } from '../responses.ts';
import type { Metrics } from '../metrics.ts';
import type { Route } from '../find-route.ts';
import type { BodyReader } from './concurrent-bodies.ts';
import type { ReportVerifier } from './report-verifier.ts';
import { parseLeakReport, RECORDS_MAX } from './parse-report.ts';

/** The longest body, in bytes. 1,000 of GitHub’s records take about 300,000. */
const BODY_MAX = 2_000_000;

/** A scanner that reports leaked secrets. */
interface LeakSource {
  /** The name of the source in events, metrics and logs. */
  readonly name: string;
  readonly verify: ReportVerifier;
}

/** The services that handle reports. */
export type LeakCore = Parameters<typeof reportLeaks>[0] & { readonly metrics: Metrics };

/**
 * Returns the route that accepts the reports of one source. The response says, by digest, which of the reported tokens
 * are or were secrets of keys, in GitHub's format ("Provide feedback for false positives"). Requests that the verifier
 * rejects all get the same 400, before their body is read if the headers suffice to reject them.
 */
export function leakSourceRoute(core: LeakCore, { name, verify }: LeakSource, read: BodyReader): Route {
  const count = (outcome: 'TAKEN' | 'REFUSED' | 'UNREADABLE') =>
    core.metrics.leakReports.inc({ source: name, outcome });
  return {
    methods: ['POST'],
    handle: async (request, response, { log }) => {
      const refuse = (problem: string) => {
        count('REFUSED');
        log.warn({ source: name, problem }, 'leak report refused');
        sendProblem(response, 400, 'The request has no valid signature of this source over its body.');
      };
      const verifyBody = await verify(request.headers);
      if (typeof verifyBody === 'string') return refuse(verifyBody);
      const body = await read(request, BODY_MAX);
      if (body === null) {
        count('UNREADABLE');
        return sendProblem(response, 413, `The body is too large; at most ${BODY_MAX} bytes are accepted.`);
      }
      const problem = verifyBody(body);
      if (problem !== null) return refuse(problem);
      const records = parseLeakReport(body, name);
      if (records === null || records.length > RECORDS_MAX) {
        count('UNREADABLE');
        return sendProblem(response, 400, `The body must be a JSON list of at most ${RECORDS_MAX} records.`);
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
