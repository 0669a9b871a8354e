export { type NameAddr, parseNameAddr } from './name-addr.ts';
export { percentDecode } from './percent.ts';
export { isPort, parseSource } from './source.ts';
export { type Host, type OtherUri, parseUri, type SipUri, type TelUri, type Uri } from './uri.ts';
