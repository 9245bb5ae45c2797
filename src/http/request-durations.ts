import { Histogram, type Registry } from 'prom-client';

/** Upper bounds in seconds, from a response out of memory to a response for which no person waits any more. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Indexes behind those of the bounds, in the numbers of one route and status. */
const COUNT = BOUNDS.length;
const SUM = COUNT + 1;

/** How prom-client's histogram stores the numbers of one set of labels. */
interface StoredNumbers {
  readonly labels: { readonly route: string; readonly status: number };
  /** How many observations each bucket has alone, by its upper bound. */
  readonly bucketValues: Readonly<Record<number, number>>;
  readonly count: number;
  readonly sum: number;
}

/**
 * The histogram of request durations. Observations are added to an array for each route and status, and handed to
 * prom-client when the metric is read: its own histogram hashes the labels of each observation.
 */
export class RequestDurations extends Histogram<'route' | 'status'> {
  readonly #routes = new Map<string, Map<number, Float64Array>>();

  constructor(registry: Registry) {
    super({
      name: 'keytide_http_request_duration_seconds',
      help: 'Duration of HTTP requests, by route (none: no such path) and status.',
      labelNames: ['route', 'status'],
      buckets: BOUNDS,
      registers: [registry],
      collect() {
        Object.assign(this, { hashMap: (this as RequestDurations).#store() });
      },
    });
  }

  add(route: string, status: number, seconds: number): void {
    const numbers = this.#numbersOf(route, status);
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > (BOUNDS[bucket] ?? 0)) bucket += 1;
    if (bucket < BOUNDS.length) numbers[bucket] = (numbers[bucket] ?? 0) + 1;
    numbers[COUNT] = (numbers[COUNT] ?? 0) + 1;
    numbers[SUM] = (numbers[SUM] ?? 0) + seconds;
  }

  #numbersOf(route: string, status: number): Float64Array {
    let statuses = this.#routes.get(route);
    if (statuses === undefined) this.#routes.set(route, (statuses = new Map()));
    let numbers = statuses.get(status);
    if (numbers === undefined) statuses.set(status, (numbers = new Float64Array(BOUNDS.length + 2)));
    return numbers;
  }

  #store(): Readonly<Record<string, StoredNumbers>> {
    const stored: Record<string, StoredNumbers> = {};
    for (const [route, statuses] of this.#routes) {
      for (const [status, numbers] of statuses) {
        const bucketValues = Object.fromEntries(BOUNDS.map((bound, index) => [bound, numbers[index] ?? 0]));
        const [count = 0, sum = 0] = numbers.subarray(COUNT);
        stored[`${route} ${status}`] = { labels: { route, status }, bucketValues, count, sum };
      }
    }
    return stored;
  }
}
