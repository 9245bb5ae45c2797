import type { Device } from '../../../prisma/generated/client/client.ts';
import { findPendingDevice } from '../../devices/find-pending.ts';
import { builder } from '../builder.ts';
import { deviceDescriptions } from './device-descriptions.ts';

const WaitingDeviceRef = builder.objectRef<Device>('WaitingDevice').implement({
  description: 'A device that waits to be confirmed: look at what asks, and from where, before you do.',
  fields: (t) => ({
    program: t.exposeString('clientId', { description: deviceDescriptions.program }),
    deviceName: t.exposeString('name', { description: deviceDescriptions.deviceName }),
    address: t.exposeString('address', { description: deviceDescriptions.address }),
    askedAt: t.expose('createdAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until then it can be confirmed.' }),
  }),
});

builder.queryField('waitingDevice', (t) =>
  t.field({
    type: WaitingDeviceRef,
    nullable: true,
    description:
      'The device that shows a code; null: none waits with it. Wrong codes count as those of confirmDevice do.',
    args: { userCode: t.arg.string({ required: true, description: deviceDescriptions.userCode }) },
    resolve: (_root, { userCode }, { services, caller, address }) =>
      findPendingDevice(services, caller, userCode, address),
  }),
);
