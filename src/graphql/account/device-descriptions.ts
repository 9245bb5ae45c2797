/** What is said of a device, wherever one is shown. */
export const deviceDescriptions = {
  userCode: 'What your own terminal shows; never one that somebody sent.',
  program: 'Which program asks, by its own word.',
  deviceName: 'What the device calls itself.',
  address: 'Where it asked from.',
} as const;
