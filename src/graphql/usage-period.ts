/** The descriptions of the arguments `from` and `to` of fields that show the use of a period. */
export const usagePeriod = {
  from: 'The first day of the period: the day (UTC) of this moment. Default: 30 days before its end. At most 400 days.',
  to: 'The last day of the period: the day (UTC) of this moment. Default: now.',
};
