import type { Device } from '../../../prisma/generated/client/client.ts';
import { confirmDevice } from '../../accounts/devices/confirm.ts';
import type { DecidedDevice } from '../../accounts/devices/pending-device.ts';
import { refuseDevice } from '../../accounts/devices/refuse.ts';
import { findPendingDevice } from '../../accounts/devices/user-code-access.ts';
import { builder } from '../builder.ts';
import { mutation, type SuccessFields } from '../mutation.ts';

/** Descriptions of fields that several types of devices share. */
const deviceDescriptions = {
  userCode:
    'The code that the device shows. Take it from your own terminal, never from a message: its sender may want to use your account.',
  program: 'The program that asked to be signed in, by the name that it gave itself. Not verified.',
  deviceName: 'The name that the device gave itself. Not verified.',
  address: 'The IP address from which the device asked.',
  askedAt: 'When the device asked to be signed in.',
} as const;

const WaitingDeviceRef = builder.objectRef<Device>('WaitingDevice').implement({
  description: 'A device that waits to be confirmed. Check the program and the address before you confirm it.',
  fields: (t) => ({
    program: t.exposeString('clientId', { description: deviceDescriptions.program }),
    deviceName: t.exposeString('name', { description: deviceDescriptions.deviceName }),
    address: t.exposeString('address', { description: deviceDescriptions.address }),
    askedAt: t.expose('createdAt', { type: 'DateTime', description: deviceDescriptions.askedAt }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the code expires. The device can be confirmed before then.',
    }),
  }),
});

builder.queryField('waitingDevice', (t) =>
  t.field({
    type: WaitingDeviceRef,
    nullable: true,
    description:
      'The device that shows the code and waits for a decision. Null: no device waits with this code. Wrong codes count against the same limit as in confirmDevice.',
    args: { userCode: t.arg.string({ required: true, description: deviceDescriptions.userCode }) },
    resolve: (_root, { userCode }, { services, caller, address }) =>
      findPendingDevice(services, caller, userCode, address),
  }),
);

/** Builds the fields of a mutation that decides on a device: the device. */
function deviceFields<Facts extends DecidedDevice>(t: SuccessFields<Facts>) {
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

mutation('confirmDevice', {
  description:
    'Signs in the device that shows the code as the calling account. The device gets a session of its own; signOut by the device ends it.',
  input: {
    description: 'Which device to sign in.',
    fields: (t) => ({ userCode: t.string({ required: true, description: deviceDescriptions.userCode }) }),
  },
  outlivesSession: () => true,
  useCase: confirmDevice,
  toInput: (input) => input,
  failures: ['DeviceNotFound'],
  success: {
    description: 'The device was confirmed. It gets its session at its next poll.',
    fields: (t) => ({
      ...deviceFields(t),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description:
          'When the device’s session ends: after 12 hours, or with the confirming session if that ends sooner.',
      }),
    }),
  },
});

mutation('refuseDevice', {
  description:
    'Refuses the device that shows the code, for good. Use it when someone asks you to enter a code that is not yours.',
  input: {
    description: 'Which device to refuse.',
    fields: (t) => ({ userCode: t.string({ required: true, description: deviceDescriptions.userCode }) }),
  },
  useCase: refuseDevice,
  toInput: (input) => input,
  failures: ['DeviceNotFound'],
  success: { description: 'The device was refused. It learns this at its next poll.', fields: deviceFields },
});
