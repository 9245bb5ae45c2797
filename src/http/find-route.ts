import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptsHtml } from './accepts-html.ts';
import type { HttpHandler } from './http-exchange.ts';
import { findHeadProblem, type AcceptedBody, type RequestProblem } from './read-request.ts';

export const HEADER_COUNT_MAX = 100;

/** The name of the route of the page that people get at a path that has none. No path is spelled this way. */
export const MISSING_PAGE = '*';

/** The handler of one path. */
export interface Route {
  readonly handle: HttpHandler;
  /** Other methods get 405; GET includes HEAD. Absent: the handler handles every method. */
  readonly methods?: readonly string[];
  /** The body that is accepted. Absent: the server reads no body. */
  readonly body?: AcceptedBody;
  /** The headers and the target repeat another request, which the handler is asked about: they are not checked here. */
  readonly isForwarded?: true;
  /** Responds to a request that is refused before it is handled. Absent: problem details. */
  readonly refuse?: (request: IncomingMessage, response: ServerResponse, problem: RequestProblem) => void;
  /** Whether it is served under any load, such as the health of the gateway. Default false. */
  readonly isServedUnderLoad?: boolean;
}

/** The route of a request, and why the request is refused. */
export interface FoundRoute {
  /** Refuses a request with a problem; null: such a request gets problem details. */
  readonly route: Route | null;
  readonly problem: RequestProblem | null;
  /** The name of the route, also if its methods or the head exclude the request; null: no route has the path. */
  readonly name: string | null;
}

/** Finds the route of a request by its head. */
export function findRoute(
  routes: ReadonlyMap<string, Route>,
  path: string | null,
  request: IncomingMessage,
): FoundRoute {
  const { method = '', rawHeaders } = request;
  if (path === null) {
    return refuse(null, 400, 'The request target is not a path; expected a path such as /graphql.');
  }
  const name = findRouteName(routes, path);
  if (rawHeaders.length / 2 > HEADER_COUNT_MAX) {
    return refuse(
      name,
      431,
      `The request has more than ${HEADER_COUNT_MAX} headers; at most ${HEADER_COUNT_MAX} are accepted.`,
    );
  }
  const route = name === null ? undefined : routes.get(name);
  if (route === undefined) return findMissingPage(routes, request);
  if (route.methods !== undefined && !route.methods.includes(method === 'HEAD' ? 'GET' : method)) {
    const allowed = route.methods.join(', ');
    return refuse(name, 405, `Found method ${method}; expected ${allowed}.`, { Allow: allowed });
  }
  return { route, problem: route.isForwarded ? null : findHeadProblem(request), name };
}

/** Returns the page for a browser that loads a page; any other client gets problem details with the paths that there are. */
function findMissingPage(routes: ReadonlyMap<string, Route>, request: IncomingMessage): FoundRoute {
  const page = acceptsHtml(request) ? routes.get(MISSING_PAGE) : undefined;
  if (page !== undefined) return { route: page, problem: findHeadProblem(request), name: null };
  const paths = [...routes.keys()].filter((name) => name !== MISSING_PAGE);
  return refuse(null, 404, `Not found. Paths: ${paths.join(', ')}.`);
}

function refuse(
  name: string | null,
  status: number,
  detail: string,
  headers: RequestProblem['headers'] = {},
): FoundRoute {
  return { route: null, problem: { status, detail, headers }, name };
}

/** Returns under which name a path has its route; null: it has none. */
function findRouteName(routes: ReadonlyMap<string, Route>, path: string): string | null {
  if (routes.has(path)) return path;
  const above = path.replace(/^(\/[^/]*\/).*$/s, '$1*');
  return routes.has(above) ? above : null;
}

/**
 * Returns the path of a request's target, without its query; null if the target has no path (RFC 9112, section 3.2).
 */
export function pathOf(target: string): string | null {
  if (target.startsWith('/')) {
    const end = target.search(/[?#]/);
    return end < 0 ? target : target.slice(0, end);
  }
  return /^https?:\/\//i.test(target) && URL.canParse(target) ? new URL(target).pathname : null;
}
