import type { Device } from '../../../prisma/generated/client/client.ts';
import { builder } from '../builder.ts';
import { deviceDescriptions } from './device-descriptions.ts';
import { findPendingDevice } from '../../accounts/devices/user-code-access.ts';

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
