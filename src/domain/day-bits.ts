/** How many days of use are stored for each secret and consumer. */
export const USE_DAYS_MAX = 400;

/**
 * Lists the days that a text of bits stands for, the latest first. The first bit is `lastDay`, each further bit the day
 * before; `1` is a day of use. Days before `from` and after `to` are left out. A day is a number of days since 1970.
 */
export function daysOfBits(
  lastDay: number,
  bits: string,
  { from, to }: { readonly from: number; readonly to: number },
): readonly number[] {
  const days: number[] = [];
  for (let place = bits.indexOf('1', Math.max(0, lastDay - to)); place >= 0; place = bits.indexOf('1', place + 1)) {
    const day = lastDay - place;
    if (day < from) break;
    days.push(day);
  }
  return days;
}
