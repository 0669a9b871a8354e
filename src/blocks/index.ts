export {
  addBlock,
  type Block,
  type BlockReason,
  blocksRevision,
  deleteExpiredBlocks,
  findBlock,
  liftBlock,
  listBlocks,
  type NewBlock,
  standingBlocks,
} from './blocks.ts';
export {
  type BlockEvent,
  type BlockFacts,
  countBlocks,
  lastLift,
  listBlockEvents,
  noticeBlock,
  pruneBlockEvents,
} from './events.ts';
