const momentFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** Formats an instant for people: Wednesday, 23 December 2026 at 12:00 UTC. */
export function formatUtcMoment(at: Date): string {
  return `${momentFormat.format(at)} UTC`;
}
