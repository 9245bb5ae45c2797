import { confirmDevice, type ConfirmedDevice } from '../../devices/confirm.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { deviceDescriptions } from './device-descriptions.ts';

const ConfirmDeviceInputRef = builder.inputType('ConfirmDeviceInput', {
  description: 'Which device to sign in.',
  fields: (t) => ({
    userCode: t.string({ required: true, description: deviceDescriptions.userCode }),
    idempotencyKey: t.string(),
  }),
});

const ConfirmDeviceSuccessRef = builder.objectRef<ConfirmedDevice>('ConfirmDeviceSuccess').implement({
  description: 'The device was confirmed. It gets its session at its next poll.',
  fields: (t) => ({
    program: t.exposeString('program', { description: deviceDescriptions.program }),
    deviceName: t.exposeString('deviceName', { description: deviceDescriptions.deviceName }),
    address: t.exposeString('address', { description: deviceDescriptions.address }),
    askedAt: t.expose('askedAt', { type: 'DateTime', description: deviceDescriptions.askedAt }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description:
        'When the device’s session ends: after 12 hours, or with the confirming session if that ends sooner.',
    }),
  }),
});

const ConfirmDeviceResult = resultType('ConfirmDevice', ConfirmDeviceSuccessRef, [
  'DeviceNotFound',
  'IdempotencyConflict',
]);

builder.mutationField('confirmDevice', (t) =>
  t.field({
    type: ConfirmDeviceResult,
    description:
      'Signs in the device that shows the code as the calling account. The device gets a session of its own, which its signOut ends.',
    args: { input: t.arg({ type: ConfirmDeviceInputRef, required: true }) },
    resolve: (_root, { input: { userCode, idempotencyKey } }, { services, caller, address }) =>
      confirmDevice(services, caller, { userCode, ...checkIdempotencyKey(idempotencyKey) }, address),
  }),
);
