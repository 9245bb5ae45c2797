import { settingColumns, settingsVersionOf } from '../../realms/realm-values.ts';
import { builder } from '../builder.ts';

builder.prismaObjectField('Realm', 'settingsVersion', (t) =>
  t.string({
    description:
      'A text that stands for all settings of the realm as they are now. Send it with updateRealm, which then refuses to overwrite what others changed since.',
    select: { ...settingColumns, freezes: true, ceilings: true },
    resolve: ({ freezes, ceilings, ...realm }) => settingsVersionOf(realm, freezes, ceilings),
  }),
);
