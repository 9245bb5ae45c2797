import type { DecidedDevice } from '../../accounts/devices/pending-device.ts';
import type { SuccessFields } from '../mutation.ts';
import { deviceDescriptions } from './device-descriptions.ts';

/** Builds the fields of a mutation that decides on a device: the device. */
export function deviceFields<Facts extends DecidedDevice>(t: SuccessFields<Facts>) {
  return {
    program: t.string({ description: deviceDescriptions.program, resolve: ({ program }) => program }),
    deviceName: t.string({ description: deviceDescriptions.deviceName, resolve: ({ deviceName }) => deviceName }),
    address: t.string({ description: deviceDescriptions.address, resolve: ({ address }) => address }),
    askedAt: t.field({
      type: 'DateTime',
      description: deviceDescriptions.askedAt,
      resolve: ({ askedAt }) => askedAt,
    }),
  };
}
