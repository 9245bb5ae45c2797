import { isIP, type LookupFunction } from 'node:net';

/** Stands in for the look-up of a name, so that the connection goes where it was looked at. */
export function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, { all }, callback) => {
    const [first] = found;
    if (first === undefined) callback(new Error('no address'), '');
    else if (all === true) callback(null, found);
    else callback(null, first.address, first.family);
  };
}
