import { expect, test } from 'vitest';
import { expandEvent } from '../../src/calendar/expand-event.ts';
import { CalendarProblem, readCalendar } from '../../src/calendar/read-calendar.ts';
import { openCommandWorld } from '../support/command-world.ts';
import { startLossyGateway } from '../support/lossy-gateway.ts';

const now = new Date('2026-11-30T00:00:00Z');
const until = new Date('2029-01-01T00:00:00Z');

const calendar = (...lines: readonly string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Acme//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');
const event = (...lines: readonly string[]) => ['BEGIN:VEVENT', 'UID:1', ...lines, 'END:VEVENT'];

/** Returns the freezes of an event, as text. */
function freezesOf(lines: readonly string[], zone = 'UTC'): readonly string[] {
  const events = readCalendar(calendar(...event(...lines)));
  return events.flatMap((found) =>
    expandEvent(found, { zone, now, until }).map(({ from, to }) => `${from.toISOString()} ${to.toISOString()}`),
  );
}

test.each<readonly [string, readonly string[], string, readonly string[]]>([
  ['a whole day', ['DTSTART;VALUE=DATE:20261224'], 'UTC', ['2026-12-24T00:00:00.000Z 2026-12-25T00:00:00.000Z']],
  [
    'days in a time zone',
    ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227'],
    'Europe/Berlin',
    ['2026-12-23T23:00:00.000Z 2026-12-26T23:00:00.000Z'],
  ],
  [
    'a day on which the clocks change',
    ['DTSTART;VALUE=DATE:20270328'],
    'Europe/Berlin',
    ['2027-03-27T23:00:00.000Z 2027-03-28T22:00:00.000Z'],
  ],
  [
    'times in UTC',
    ['DTSTART:20261224T180000Z', 'DTEND:20261225T060000Z'],
    'Europe/Berlin',
    ['2026-12-24T18:00:00.000Z 2026-12-25T06:00:00.000Z'],
  ],
  [
    'a time in a zone, with a duration',
    ['DTSTART;TZID="America/New_York":20270704T090000', 'DURATION:PT8H'],
    'UTC',
    ['2027-07-04T13:00:00.000Z 2027-07-04T21:00:00.000Z'],
  ],
  [
    'each year, so often',
    ['DTSTART;VALUE=DATE:20251225', 'RRULE:FREQ=YEARLY;COUNT=3'],
    'UTC',
    ['2026-12-25T00:00:00.000Z 2026-12-26T00:00:00.000Z', '2027-12-25T00:00:00.000Z 2027-12-26T00:00:00.000Z'],
  ],
  [
    'each year until a day, which is included',
    ['DTSTART;VALUE=DATE:20201225', 'RRULE:FREQ=YEARLY;UNTIL=20271225;BYMONTH=12;BYMONTHDAY=25'],
    'UTC',
    ['2026-12-25T00:00:00.000Z 2026-12-26T00:00:00.000Z', '2027-12-25T00:00:00.000Z 2027-12-26T00:00:00.000Z'],
  ],
  [
    'each second year, without one that is left out',
    ['DTSTART;VALUE=DATE:20220101', 'RRULE:FREQ=YEARLY;INTERVAL=2', 'EXDATE;VALUE=DATE:20280101'],
    'UTC',
    [],
  ],
  [
    'a leap day, in leap years',
    ['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY'],
    'UTC',
    ['2028-02-29T00:00:00.000Z 2028-03-01T00:00:00.000Z'],
  ],
  ['one that is over', ['DTSTART;VALUE=DATE:20251224'], 'UTC', []],
  ['one that was cancelled', ['DTSTART;VALUE=DATE:20261224', 'STATUS:CANCELLED'], 'UTC', []],
])('calendar: %s', (_name, lines, zone, expected) => expect(freezesOf(lines, zone)).toEqual(expected));

test.each<readonly [string, readonly string[]]>([
  ['Line 7: found FREQ=WEEKLY; expected FREQ=YEARLY', ['DTSTART;VALUE=DATE:20261224', 'RRULE:FREQ=WEEKLY']],
  ['Line 7: found BYDAY; expected', ['DTSTART;VALUE=DATE:20261126', 'RRULE:FREQ=YEARLY;BYDAY=4TH;BYMONTH=11']],
  ['Line 6: found DTSTART 20261232', ['DTSTART;VALUE=DATE:20261232']],
  ['Line 6: found the time zone W. Europe Standard Time', ['DTSTART;TZID=W. Europe Standard Time:20261224T000000']],
  ['Line 4: found an event without DTSTART', ['SUMMARY:Holiday']],
  ['Line 4: found an event without DTEND and DURATION', ['DTSTART:20261224T180000Z']],
  ['Line 7: found the end 20261224', ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261224']],
  ['Line 7: found a day and a time', ['DTSTART;VALUE=DATE:20261224', 'DTEND:20261225T000000Z']],
  ['Line 7: found RDATE', ['DTSTART;VALUE=DATE:20261224', 'RDATE;VALUE=DATE:20261231']],
  ['Line 7: found DTSTART twice', ['DTSTART;VALUE=DATE:20261224', 'DTSTART;VALUE=DATE:20261225']],
  ['Line 6: found no colon; expected NAME:VALUE', ['no colon']],
])('calendar: %s', (problem, lines) => {
  let message = '';
  try {
    freezesOf(lines);
  } catch (error) {
    expect(error).toBeInstanceOf(CalendarProblem);
    message = (error as Error).message;
  }
  expect(message.replaceAll('"', '')).toContain(problem);
});

test.each(['', 'hello', '{"a":1}', 'BEGIN:VCARD', 'BEGIN:VCALENDAR\nBEGIN:VEVENT', 'BEGIN:VCALENDAR\nEND:VEVENT'])(
  'calendar: %j is not a calendar',
  (text) => expect(() => readCalendar(text)).toThrow(CalendarProblem),
);

test('calendar: folded lines, escapes and time zones of the file are read', () => {
  const text = calendar(
    ...['BEGIN:VTIMEZONE', 'TZID:Mars', 'BEGIN:STANDARD', 'DTSTART:19700101T000000', 'END:STANDARD', 'END:VTIMEZONE'],
    ...event('SUMMARY:Christmas\\, and ', ' the day after\\nit', 'DTSTART;VALUE=DATE:20261225'),
  );
  const freezes = readCalendar(`\uFEFF${text}`).flatMap((found) => expandEvent(found, { zone: 'UTC', now, until }));
  expect(freezes.map(({ reason }) => reason)).toEqual(['Christmas, and the day after it']);
});

test('calendar: a property that is repeated without end, and events since the first year, are read in seconds', () => {
  const dates = Array<string>(300_000).fill('EXDATE:20270101').join('\r\n');
  expect(freezesOf(['DTSTART;VALUE=DATE:20270101', dates])).toEqual([]);
  const yearly = ['DTSTART;VALUE=DATE:02000101', 'RRULE:FREQ=YEARLY', 'SUMMARY:\u2028New Year\u202E'];
  const [first, ...others] = readCalendar(
    calendar(
      ...Array(2_000)
        .fill(event(...yearly))
        .flat(),
    ),
  );
  const options = { zone: 'Europe/Berlin', now, until };
  expect(expandEvent(first!, options).map(({ reason }) => reason)).toEqual(['New Year', 'New Year', 'New Year']);
  for (const other of others) expect(expandEvent(other, options)).toHaveLength(3);
});

test('calendar: what a message repeats of the file is quoted', () => {
  const text = `BEGIN:VCALENDAR\nBEGIN:${'\u202E'.repeat(500)}`;
  expect(() => readCalendar(text)).toThrow(/^Found no END:"[^"]{1,40}"…; the file is not complete/);
});

test('import-freezes: a freeze that another person adds meanwhile stays: the import is refused', async () => {
  const { gateway, run, write, login } = await openCommandWorld();
  const { id: realmId } = await gateway.prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const other = { from: new Date('2099-05-01'), to: new Date('2099-05-02'), reason: 'audit' };
  const between = await startLossyGateway(gateway.url, async (operation) => {
    if (operation === 'Freezes') await gateway.prisma.freeze.create({ data: { ...other, realmId } });
    return false;
  });
  const { status } = await run(['login', '--with-token', '--url', between.url], {
    input: `${await gateway.admin()}\n`,
  });
  expect(status).toBe(0);
  const year = String(gateway.clock.now().getUTCFullYear() + 1);
  const file = write('holidays.ics', calendar(...event(`DTSTART;VALUE=DATE:${year}0101`)));
  const refused = await run(['import-freezes', file]);
  expect(refused.status).not.toBe(0);
  expect(refused.stderr).toContain('The settings of the realm have changed');
  expect(await gateway.prisma.freeze.findMany()).toMatchObject([other]);
  expect((await login(await gateway.admin())).status).toBe(0);
  expect((await run(['import-freezes', file])).status).toBe(0);
  expect(await gateway.prisma.freeze.count()).toBe(2);
});

test('import-freezes: the events of a file are added to the freezes of the realm, each once', async () => {
  const { gateway, run, write, login } = await openCommandWorld();
  const admin = await gateway.admin();
  expect((await login(admin)).status).toBe(0);
  const year = gateway.clock.now().getUTCFullYear() + 1;
  const file = write(
    'holidays.ics',
    calendar(
      ...event('SUMMARY:New Year', `DTSTART;VALUE=DATE:${String(year)}0101`),
      ...event('SUMMARY:Shutdown', `DTSTART;VALUE=DATE:${String(year)}0801`, `DTEND;VALUE=DATE:${String(year)}0815`),
    ),
  );
  const freezes = [
    { from: `${String(year)}-01-01T00:00:00.000Z`, to: `${String(year)}-01-02T00:00:00.000Z`, reason: 'New Year' },
    { from: `${String(year)}-08-01T00:00:00.000Z`, to: `${String(year)}-08-15T00:00:00.000Z`, reason: 'Shutdown' },
  ];
  const own = { from: new Date(`${String(year)}-05-01`), to: new Date(`${String(year)}-05-02`), reason: 'audit' };
  const { id: realmId } = await gateway.prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  await gateway.prisma.freeze.create({ data: { ...own, realmId } });
  const words = ['import-freezes', file, '--realm', 'default', '--json'];
  const tried = await run([...words, '--dry-run']);
  expect(tried).toMatchObject({ status: 0, json: { dryRun: true, added: 2, unchanged: 0, freezes } });
  expect(await gateway.prisma.freeze.count()).toBe(1);
  expect(await run(words)).toMatchObject({ status: 0, json: { dryRun: false, added: 2, unchanged: 0 } });
  expect(await run(words)).toMatchObject({ status: 0, json: { added: 0, unchanged: 2 } });
  expect(await gateway.prisma.freeze.count()).toBe(3);

  const broken = write('broken.ics', calendar(...event('DTSTART:2026'), ...event('SUMMARY:x')));
  const refused = await run(['import-freezes', broken]);
  expect(refused.status).toBe(65);
  expect(refused.stderr).toContain('Line 6: found DTSTART');
  expect(refused.stderr).toContain('Nothing was imported.');
  expect((await run(['import-freezes', 'nowhere.ics'])).status).toBe(66);
  expect((await run(['import-freezes', file, '--zone', 'Mars'])).status).toBe(64);
  expect((await run(['import-freezes', file, '--realm', 'elsewhere'])).status).toBe(64);
});
