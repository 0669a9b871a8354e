export { type ApplyOptions, applyContent, type Counts, type Part } from './apply.ts';
export type { Content, Mistake, Reading } from './content.ts';
export { exportDocument, readDocument } from './document.ts';
export { readTextList } from './text-list.ts';
