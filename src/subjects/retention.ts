import { retainForEver, type RetentionByTable } from '../store/retention-rule.ts';

export const subjectRetention = {
  Subject: retainForEver(
    'Keys and events name the subject. Removing a subject erases what names the customer; the id stays.',
  ),
} satisfies RetentionByTable;
