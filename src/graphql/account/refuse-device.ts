import type { DecidedDevice } from '../../devices/pending-device.ts';
import { refuseDevice } from '../../devices/refuse.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { deviceDescriptions } from './device-descriptions.ts';

const RefuseDeviceInputRef = builder.inputType('RefuseDeviceInput', {
  description: 'Which device to refuse.',
  fields: (t) => ({
    userCode: t.string({ required: true, description: deviceDescriptions.userCode }),
    idempotencyKey: t.string(),
  }),
});

const RefuseDeviceSuccessRef = builder.objectRef<DecidedDevice>('RefuseDeviceSuccess').implement({
  description: 'The device was refused. It learns this at its next poll.',
  fields: (t) => ({
    program: t.exposeString('program', { description: deviceDescriptions.program }),
    deviceName: t.exposeString('deviceName', { description: deviceDescriptions.deviceName }),
    address: t.exposeString('address', { description: deviceDescriptions.address }),
    askedAt: t.expose('askedAt', { type: 'DateTime', description: deviceDescriptions.askedAt }),
  }),
});

const RefuseDeviceResult = resultType('RefuseDevice', RefuseDeviceSuccessRef, [
  'DeviceNotFound',
  'IdempotencyConflict',
]);

builder.mutationField('refuseDevice', (t) =>
  t.field({
    type: RefuseDeviceResult,
    description:
      'Refuses the device that shows the code, for good. Use it when someone asks you to enter a code that is not yours.',
    args: { input: t.arg({ type: RefuseDeviceInputRef, required: true }) },
    resolve: (_root, { input: { userCode, idempotencyKey } }, { services, caller, address }) =>
      refuseDevice(services, caller, { userCode, ...checkIdempotencyKey(idempotencyKey) }, address),
  }),
);
