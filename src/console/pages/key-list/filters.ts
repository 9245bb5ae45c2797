import { formatDuration, HOUR_MS, parseDuration } from '../../../domain/duration.ts';
import type { KeyFilter, KeyOrder, KeyState, Standing } from '../../api/operations.ts';
import { cutSecrets } from '../../parts/cut-secrets.ts';

/** The filters of the list, as the address has them. An empty text: not filtered by that. */
export interface Filters {
  readonly search: string;
  readonly states: readonly KeyState[];
  /** The key stops within this time. */
  readonly within: string;
  /** The key was not used for this time. */
  readonly unused: string;
  readonly isNeverUsed: boolean;
  readonly isDormant: boolean;
  /** Whether the keys of CI jobs are shown alone, or left out. */
  readonly exchanged: '' | 'yes' | 'no';
  /** What the key needs care for. */
  readonly care: '' | CareName;
  readonly realm: string;
  readonly owner: string;
  /** One label: name=value. */
  readonly label: string;
  readonly consumer: string;
  /** An action that a scope of the key has. */
  readonly action: string;
  /** The id of who issued the key: an account, a key for a customer, or a portal session. */
  readonly issuedBy: string;
  /** The id of the key that issued it for itself. */
  readonly parent: string;
  /** The id of the CI rule that issued it. */
  readonly tokenRule: string;
  /** The id that the API gave to the customer who owns the key. */
  readonly subject: string;
  /** The first and the last local day on which the key was issued, such as 2026-11-30. */
  readonly issuedFrom: string;
  readonly issuedTo: string;
  readonly order: OrderName;
}

export type OrderName = keyof typeof orders;

const orders = {
  stops: { field: 'STOPS_AT', direction: 'ASC' },
  newest: { field: 'CREATED_AT', direction: 'DESC' },
  used: { field: 'LAST_USED_AT', direction: 'DESC' },
  name: { field: 'NAME', direction: 'ASC' },
} as const satisfies Readonly<Record<string, KeyOrder>>;

export type CareName = keyof typeof cares;

const cares = {
  unattended: { automation: ['NONE'] },
  late: { automation: ['LATE'] },
  'by-hand': { automation: ['NONE', 'LATE'] },
  rotating: { rotating: true },
  stalled: { stalled: true },
  leaked: { leaked: true },
} as const satisfies Readonly<Record<string, KeyFilter>>;

const states = ['ACTIVE', 'HELD', 'EXPIRED', 'REVOKED'] as const;

/** What is shown without a choice of states. */
const working = ['ACTIVE', 'HELD'] as const;
const ended = ['EXPIRED', 'REVOKED'] as const;

const dormant: readonly Standing[] = ['WARNED', 'HELD', 'EXPIRED'];

export const noFilters: Filters = {
  search: '',
  states: [],
  within: '',
  unused: '',
  isNeverUsed: false,
  isDormant: false,
  exchanged: '',
  care: '',
  realm: '',
  owner: '',
  label: '',
  consumer: '',
  action: '',
  issuedBy: '',
  parent: '',
  tokenRule: '',
  subject: '',
  issuedFrom: '',
  issuedTo: '',
  order: 'stops',
};

/** Reads the filters of an address. What it does not know is left out. */
export function readFilters(search: string): Filters {
  const query = new URLSearchParams(search);
  const get = (name: string) => query.get(name) ?? '';
  const duration = (name: string) => ('ms' in parseDuration(get(name)) ? get(name) : '');
  const exchanged = get('ci');
  const order = get('order');
  const care = get('care');
  return {
    search: cutSecrets(get('search')).slice(0, 100),
    states: states.filter((state) => query.getAll('state').includes(state.toLowerCase())),
    within: duration('within'),
    unused: duration('unused'),
    isNeverUsed: query.has('never-used'),
    isDormant: query.has('dormant'),
    exchanged: exchanged === 'yes' || exchanged === 'no' ? exchanged : '',
    care: Object.hasOwn(cares, care) ? (care as CareName) : '',
    realm: get('realm'),
    owner: get('owner'),
    label: get('label'),
    consumer: get('consumer'),
    action: get('action'),
    issuedBy: get('issued-by'),
    parent: get('parent'),
    tokenRule: get('rule'),
    subject: get('customer'),
    issuedFrom: isDay(get('issued-from')) ? get('issued-from') : '',
    issuedTo: isDay(get('issued-to')) ? get('issued-to') : '',
    order: Object.hasOwn(orders, order) ? (order as OrderName) : noFilters.order,
  };
}

/** Writes filters as the query of an address: the same filters give the same text. Without any it is empty. */
export function writeFilters(filters: Filters): string {
  const query = new URLSearchParams();
  const set = (name: string, value: string) => value !== '' && query.set(name, value);
  set('search', cutSecrets(filters.search));
  for (const state of filters.states) query.append('state', state.toLowerCase());
  set('within', filters.within);
  set('unused', filters.unused);
  set('never-used', filters.isNeverUsed ? 'yes' : '');
  set('dormant', filters.isDormant ? 'yes' : '');
  set('ci', filters.exchanged);
  set('care', filters.care);
  set('realm', filters.realm);
  set('owner', filters.owner);
  set('label', filters.label);
  set('consumer', filters.consumer);
  set('action', filters.action);
  set('issued-by', filters.issuedBy);
  set('parent', filters.parent);
  set('rule', filters.tokenRule);
  set('customer', filters.subject);
  set('issued-from', filters.issuedFrom);
  set('issued-to', filters.issuedTo);
  set('order', filters.order === noFilters.order ? '' : filters.order);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

export function orderOf({ order }: Filters): KeyOrder {
  return orders[order];
}

/** Returns the filter of the keys that are shown. Instants are whole hours, so that it is the same for an hour. */
export function shownKeys(filters: Filters, now: Date): KeyFilter {
  return { ...commonFilter(filters, now), states: [...(filters.states.length > 0 ? filters.states : working)] };
}

/** Returns the filter of the ended keys that are hidden; null: no ended key is hidden, because states are chosen. */
export function hiddenKeys(filters: Filters, now: Date): KeyFilter | null {
  return filters.states.length > 0 ? null : { ...commonFilter(filters, now), states: [...ended] };
}

/** Returns the filters with all states chosen, so that no key is hidden because it has ended. */
export function withEnded(filters: Filters): Filters {
  return { ...filters, states };
}

function commonFilter(filters: Filters, now: Date): KeyFilter {
  const hour = Math.ceil(now.getTime() / HOUR_MS) * HOUR_MS;
  const [labelName = '', ...labelValue] = filters.label.split('=');
  return {
    ...(filters.search.trim() !== '' && { search: filters.search.trim() }),
    ...(filters.within !== '' && { stopsBefore: new Date(hour + msOf(filters.within)).toISOString() }),
    ...(filters.unused !== '' && { unusedSince: new Date(hour - msOf(filters.unused)).toISOString() }),
    ...(filters.isNeverUsed && { neverUsed: true }),
    ...(filters.isDormant && { standings: [...dormant] }),
    ...(filters.exchanged !== '' && { exchanged: filters.exchanged === 'yes' }),
    ...(filters.care !== '' && cares[filters.care]),
    ...(filters.realm !== '' && { realm: filters.realm }),
    ...(filters.owner !== '' && { owner: filters.owner }),
    ...(labelValue.length > 0 && { labels: [{ name: labelName.trim(), value: labelValue.join('=').trim() }] }),
    ...(filters.consumer !== '' && { usedBy: filters.consumer }),
    ...(filters.action !== '' && { action: filters.action.trim() }),
    ...(filters.issuedBy !== '' && { issuedBy: filters.issuedBy.trim() }),
    ...(filters.parent !== '' && { parent: filters.parent.trim() }),
    ...(filters.tokenRule !== '' && { tokenRule: filters.tokenRule.trim() }),
    ...(filters.subject !== '' && { subject: filters.subject.trim() }),
    ...(filters.issuedFrom !== '' && { issuedAfter: startOfDay(filters.issuedFrom) }),
    ...(filters.issuedTo !== '' && { issuedBefore: startOfDay(filters.issuedTo, 1) }),
  };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** Returns the moment at which a local day begins, or one some days after it. */
function startOfDay(day: string, daysLater = 0): string {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + daysLater);
  return at.toISOString();
}

function msOf(duration: string): number {
  const parsed = parseDuration(duration);
  return 'ms' in parsed ? parsed.ms : 0;
}

/** The choices of a time, by their names. */
export const timeChoices = [1, 7, 30, 90, 365].map((days) => ({
  value: formatDuration(days * 24 * HOUR_MS),
  name: days === 1 ? '1 day' : days === 365 ? '1 year' : `${days} days`,
}));
