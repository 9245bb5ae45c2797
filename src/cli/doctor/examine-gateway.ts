import packageJson from '../../../package.json' with { type: 'json' };
import { resolveEndpoint } from '../../client/connection.ts';
import { readResponseText } from '../../client/read-response-text.ts';
import { describeDuration, SECOND_MS } from '../../domain/duration.ts';
import { exitStatus } from '../exit-status.ts';
import { plainLine } from '../output.ts';
import type { DoctorFinding } from './doctor-finding.ts';

const TIMEOUT_MS = 10_000;

/** A session that is signed now has to be good now; the gateway itself warns from 2 s on. A Date header counts in seconds. */
const CLOCK_WARN_MS = 5 * SECOND_MS;
const CLOCK_BAD_MS = 60 * SECOND_MS;

/** Looks whether a gateway is there and ready, whether its clock and this machine's agree, and which version it is. */
export async function examineGateway(url: string, now: () => Date): Promise<DoctorFinding[]> {
  const alive = await fetchStatus(url, '/livez');
  if (alive === null) {
    const message = `${url} cannot be reached: look at the address, the network, and whether the gateway runs.`;
    return [{ subject: 'gateway', result: 'BAD', message, status: exitStatus.TEMPORARY }];
  }
  const at = now();
  if (alive.body?.['status'] !== 'ALIVE') {
    const message = `${url} answered with status ${String(alive.status)}, and not as a gateway does.`;
    return [{ subject: 'gateway', result: 'BAD', message, status: exitStatus.PROTOCOL }];
  }
  return [
    rateReadiness(url, await fetchStatus(url, '/readyz')),
    rateClock(alive.date, at),
    rateVersion(alive.body['version']),
  ];
}

function rateReadiness(url: string, ready: GatewayStatus | null): DoctorFinding {
  const status = ready?.body?.['status'];
  if (status === 'READY') return { subject: 'gateway', result: 'GOOD', message: `${url} is ready.` };
  const message = `${url} is there, and says ${plainLine(String(status ?? 'nothing'))}: try again later.`;
  return { subject: 'gateway', result: 'BAD', message, status: exitStatus.TEMPORARY };
}

function rateClock(date: string | null, now: Date): DoctorFinding {
  const ms = date === null ? Number.NaN : Date.parse(date) - now.getTime();
  if (Number.isNaN(ms)) return { subject: 'clock', result: 'WARNING', message: 'The gateway does not tell its time.' };
  const far = describeDuration(Math.abs(Math.round(ms / SECOND_MS)) * SECOND_MS);
  const off = Math.abs(ms) > CLOCK_WARN_MS;
  const message = off
    ? `This machine's clock is ${far} ${ms > 0 ? 'behind' : 'ahead of'} the gateway's: set one of them right.`
    : 'This machine’s clock and the gateway’s agree.';
  if (Math.abs(ms) > CLOCK_BAD_MS) return { subject: 'clock', result: 'BAD', message, status: exitStatus.CONFIG };
  return { subject: 'clock', result: off ? 'WARNING' : 'GOOD', message };
}

function rateVersion(found: unknown): DoctorFinding {
  const own = packageJson.version;
  if (found === own) return { subject: 'version', result: 'GOOD', message: `Both are version ${own}.` };
  const theirs = typeof found === 'string' ? `version ${plainLine(found)}` : 'a version that does not say which';
  return { subject: 'version', result: 'WARNING', message: `The command is version ${own}, the gateway ${theirs}.` };
}

interface GatewayStatus {
  readonly status: number;
  readonly date: string | null;
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** Null: nobody answered. */
async function fetchStatus(url: string, path: string): Promise<GatewayStatus | null> {
  try {
    const response = await fetch(resolveEndpoint(url, path), {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await readResponseText(response);
    const body = text.startsWith('{') ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : null;
    return { status: response.status, date: response.headers.get('date'), body };
  } catch {
    return null;
  }
}
