export type { Answers, ExtensionAnswer, SourceAnswer } from './answers.ts';
export { completeAnswers, presentAnswers } from './answers.ts';
export { carryOut } from './carry-out.ts';
export { mailOf } from './config-changes.ts';
export { configOf } from './config-of.ts';
export {
  type FetchedCountry,
  fetchCountry,
  type InstalledCountry,
  placeCountry,
  withSource,
} from './country-file.ts';
export { type Facts, findFacts } from './facts.ts';
export type { Hands } from './hands.ts';
export { offeredDomains, offeredExtensions } from './offers.ts';
export { hasPart, isEmpty, makePlan, type Plan, type PlannedFile } from './plan.ts';
export { answers } from './prove.ts';
export { forgetRecord, readRecord, recordPath, type SetupRecord, writeRecord } from './record.ts';
export { refuseUnwritable } from './refuse-unwritable.ts';
export { type RowChange, readRow, ruleRow } from './rows.ts';
export { GUARD, installed, SERVER } from './services.ts';
export { takeBack } from './take-back.ts';
