export { type Firewall, openFirewall } from './firewall.ts';
