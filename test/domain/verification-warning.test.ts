import { expect, test } from 'vitest';
import {
  describeWarnings,
  formatWarnings,
  mergeWarnings,
  noWarnings,
  toStoredWarning,
  warningCodes,
  WARNINGS_MAX,
  type StoredWarning,
} from '../../src/domain/verification-warning.ts';

const DAY = Date.parse('2027-03-01T00:00:00.000Z');

test('warning: it has the UTC day of a change alone, so that keys share warnings', () => {
  for (const time of ['00:00:00.000', '12:00:00.001', '23:59:59.999']) {
    expect(toStoredWarning('WILL_STOP', new Date(`2027-03-01T${time}Z`))).toEqual({ code: 'WILL_STOP', from: DAY });
  }
});

test('warning: of several of one code the first day counts, and the codes have one order', () => {
  const later = { code: 'WILL_STOP', from: DAY + 86_400_000 } as const;
  const brownout = { code: 'BROWNOUT_AHEAD', from: DAY } as const;
  expect(mergeWarnings([brownout, later, { ...later, from: DAY }])).toEqual([
    { code: 'WILL_STOP', from: DAY },
    brownout,
  ]);
  expect(mergeWarnings([])).toEqual([]);
  expect(warningCodes).toHaveLength(WARNINGS_MAX);
});

test('warning: each code has a sentence of its own, with the day', () => {
  const described = describeWarnings(warningCodes.map((code) => ({ code, from: DAY })));
  expect(new Set(described.map(({ message }) => message)).size).toBe(warningCodes.length);
  for (const { message, from } of described) {
    expect(message).toMatch(/2027-03-01.*\.$/);
    expect(from).toEqual(new Date(DAY));
  }
});

test('warning: a code of a later release is left out, and no warnings make no header', () => {
  const later = { code: 'FROM_A_LATER_RELEASE', from: DAY } as unknown as StoredWarning;
  expect(describeWarnings([later])).toEqual([]);
  expect(describeWarnings([])).toBe(noWarnings);
  expect(formatWarnings([])).toBeNull();
});

test('warning: a header has codes and dates alone', () => {
  const warnings = describeWarnings([
    { code: 'WILL_STOP', from: DAY },
    { code: 'BROWNOUT_AHEAD', from: DAY },
  ]);
  expect(formatWarnings(warnings)).toBe('WILL_STOP;from="2027-03-01", BROWNOUT_AHEAD;from="2027-03-01"');
});
