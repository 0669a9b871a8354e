import { networkInterfaces } from 'node:os';
import {
  type Address,
  type AddressRange,
  cidr,
  compareAddresses,
  contains,
  countedSource,
  isPrivate,
  parseAddress,
} from '../address/index.ts';
import type { CountryData } from '../country/index.ts';
import { type LivePolicy, originOf, type Policy } from '../policy/index.ts';
import { judgeAddress, type Verdict } from '../screening/index.ts';

/** Why a source is never blocked, whatever it did. */
export type Spared = 'trusted' | 'private' | 'own address' | 'trunk' | 'administrator';

export interface Judge {
  /** What the policy says of the address, and its country, where that is known. */
  verdict(address: Address): { readonly verdict: Verdict; readonly country: string | undefined };
  /** @returns undefined for a source that may be blocked */
  spared(address: Address): Spared | undefined;
  /** The policy in force; another object when it has changed. */
  policy(): Policy;
}

export interface JudgeParts {
  readonly policy: Pick<LivePolicy, 'current'>;
  readonly country: CountryData;
  /** The addresses of configured trunks, as far as they are known. */
  trunks(): readonly AddressRange[];
  /** From where administrators are logged in now. */
  administrators(): readonly Address[];
}

/** Judges by the same policy as calls; knows who must not be blocked by accident. */
export function createJudge({ policy, country, trunks, administrators }: JudgeParts): Judge {
  return {
    verdict(address) {
      const origin = originOf(country, address);
      const verdict = judgeAddress(origin, policy.current(), Date.now());
      return { verdict, country: origin.country };
    },
    spared(address) {
      if (isPrivate(address)) return 'private';
      if (policy.current().match('trust', originOf(country, address), Date.now())) return 'trusted';
      if (trunks().some((range) => touches(range, address))) return 'trunk';
      if (has(ownAddresses(), address)) return 'own address';
      return has(administrators(), address) ? 'administrator' : undefined;
    },
    policy: () => policy.current(),
  };
}

// What is blocked is the counted source: with IPv6 a whole /64.

function touches(range: AddressRange, address: Address): boolean {
  if (address.family === 4) return contains(range, address);
  const { first, last } = cidr(address, 64);
  return (
    range.first.family === 6 &&
    compareAddresses(range.first, last) <= 0 &&
    compareAddresses(first, range.last) <= 0
  );
}

function has(addresses: readonly Address[], address: Address): boolean {
  const counted = countedSource(address);
  return addresses.some((other) => countedSource(other) === counted);
}

/** Of all interfaces, loopback among them. */
export function ownAddresses(): Address[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap(({ address }) => parseAddress(address) ?? []),
  );
}
