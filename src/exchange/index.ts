export { type ApplyOptions, applyContent, type Counts, type Part } from './apply.ts';
export {
  type CarriedRule,
  type Content,
  type Mistake,
  NOTHING_ELSE,
  type Reading,
} from './content.ts';
export { exportDocument, readDocument } from './document.ts';
export { readTextList } from './text-list.ts';
