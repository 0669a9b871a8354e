export {
  type Address,
  addressFrom,
  addressFromBytes,
  bitsOf,
  bytesOf,
  compareAddresses,
  countedSource,
  formatAddress,
  type Ipv4,
  type Ipv6,
  integerOf,
  ipv4,
  ipv6,
  parseAddress,
} from './address.ts';
export { isPrivate, PRIVATE_RANGES } from './private.ts';
export {
  type AddressRange,
  cidr,
  cidrsOf,
  contains,
  formatRange,
  parseRange,
  prefixOf,
  rangeBetween,
  single,
  sizeOf,
} from './range.ts';
