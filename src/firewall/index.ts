export { applyOnTrial, rollBack, rollbackText, type StartWatcher, switchOff } from './apply.ts';
export { type Choice, confirmedChoice, lastLoad, NO_OPTIONS } from './choice.ts';
export type { Countries } from './expand.ts';
export { type Firewall, openFirewall } from './firewall.ts';
export { renderIpset } from './ipset.ts';
export { renderIptables } from './iptables.ts';
export { type Nft, nftProgram } from './nft.ts';
export { rulesText, tableText } from './nft-text.ts';
export { ownNetworks } from './own-networks.ts';
export {
  LEVELS,
  type Level,
  NFT_OPTIONS,
  type NftOptions,
  type NftPlan,
  type Plan,
} from './plan.ts';
export { type Chosen, isChosen, openPlanner, type Planner } from './planner.ts';
export { countSpans, spansHold, unpackRanges } from './spans.ts';
export { type Standing, standingTable } from './standing.ts';
export {
  confirmTrial,
  currentTrial,
  lastRollback,
  secondsLeft,
  TRIAL,
  trialStands,
} from './trial.ts';
