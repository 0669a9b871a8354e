import { networkInterfaces } from 'node:os';
import { type AddressRange, cidr, parseAddress } from '../address/index.ts';

/** The networks that this server's interfaces are in now. */
export function ownNetworks(): AddressRange[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ address, cidr: text }) => {
      const parsed = parseAddress(address);
      const bits = Number(text?.split('/')[1]);
      return parsed && Number.isInteger(bits) ? [cidr(parsed, bits)] : [];
    }),
  );
}
