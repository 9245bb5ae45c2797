import { confirmDevice } from '../../accounts/devices/confirm.ts';
import { mutation } from '../mutation.ts';
import { deviceDescriptions } from './device-descriptions.ts';
import { deviceFields } from './device-success.ts';

mutation('confirmDevice', {
  description:
    'Signs in the device that shows the code as the calling account. The device gets a session of its own, which its signOut ends.',
  input: {
    description: 'Which device to sign in.',
    fields: (t) => ({ userCode: t.string({ required: true, description: deviceDescriptions.userCode }) }),
  },
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
