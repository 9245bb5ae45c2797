import { isIP, type LookupFunction } from 'node:net';

/**
 * Returns a DNS lookup that always gives the checked addresses, so that DNS rebinding cannot redirect the connection.
 */
export function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const records = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, { all }, callback) => {
    const [first] = records;
    if (first === undefined) callback(new Error('no address'), '');
    else if (all === true) callback(null, records);
    else callback(null, first.address, first.family);
  };
}
