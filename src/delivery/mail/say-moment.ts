const moment = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** A moment as people read it: Wednesday 23 December 2026 at 12:00 UTC. */
export function sayMoment(at: Date): string {
  return `${moment.format(at)} UTC`;
}
