/* oxlint-disable no-unused-vars */
import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'config-no-schema',
  version: '1',
  title: 'Hostile',
  summary: 'Has a configuration that is no schema.',
  config: {},
  dormancy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
