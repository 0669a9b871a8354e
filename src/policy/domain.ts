import { formatAddress, parseAddress } from '../address/index.ts';
import { fault } from '../errors.ts';

const NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/;

/** A domain as it is kept: lower case, no final dot; an address in its usual text. @throws Fault */
export function checkedDomain(text: string): string {
  const key = domainKey(text);
  const address = parseAddress(key) !== undefined;
  if (!address && (!NAME.test(key) || /^[\d.]+$/.test(key))) throw fault('domain-name', text);
  return key;
}

/** What a caller called (`SIPDOMAIN`), as it is compared with the list. */
export function domainKey(called: string): string {
  const bare = called
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  const address = parseAddress(bare);
  return address ? formatAddress(address) : bare;
}
