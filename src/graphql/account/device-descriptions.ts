/** The descriptions of fields that several device types share. */
export const deviceDescriptions = {
  userCode:
    'The code that the device shows. Take it from your own terminal, never from a message: its sender may want to use your account.',
  program: 'The program that asked to be signed in, by the name that it gave itself. Not verified.',
  deviceName: 'The name that the device gave itself. Not verified.',
  address: 'The IP address from which the device asked.',
  askedAt: 'When the device asked to be signed in.',
} as const;
