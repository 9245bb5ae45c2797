import { afterAll, beforeAll, expect } from 'vitest';

/**
 * Time zones in which code that reads the machine's zone goes wrong, each with its minutes behind UTC in January and in
 * July 2025: summer time, quarters of an hour, the far side of the date line, half an hour of summer time.
 */
export const zones: [string, number, number][] = [
  ['UTC', 0, 0],
  ['America/New_York', 300, 240],
  ['Asia/Kathmandu', -345, -345],
  ['Pacific/Apia', -780, -780],
  ['Australia/Lord_Howe', -660, -630],
];

/** Runs the tests of the enclosing block as on a machine of that zone, and makes sure that it took. */
export function setMachineZone([zone, january, july]: [string, number, number]): void {
  const before = process.env['TZ'];
  beforeAll(() => {
    process.env['TZ'] = zone;
    expect(new Date(2025, 0, 15).getTimezoneOffset()).toBe(january);
    expect(new Date(2025, 6, 15).getTimezoneOffset()).toBe(july);
  });
  afterAll(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
}
