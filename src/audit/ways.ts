import { type Finding, type Result, unknown } from './check.ts';
import { dialplanOf } from './dialplan-of.ts';
import type { Entrance } from './entrances.ts';
import { someOf } from './names.ts';
import type { Pbx } from './pbx.ts';
import { display, isFreepbxs, type Reached, type Use, type Walk } from './reach/index.ts';

/** An entrance, and all that calls which come in there get to. */
export interface Way {
  readonly entrance: Entrance;
  readonly walk: Walk;
}

/** @param dialled WILD or TAME: what callers dial there */
export async function waysFrom(
  pbx: Pbx,
  entrances: readonly Entrance[],
  dialled: string,
): Promise<Way[]> {
  const { ground } = await dialplanOf(pbx);
  return entrances.map((entrance) => ({ entrance, walk: ground.walk(entrance.context, dialled) }));
}

/** What is got to of one kind. */
export function usesOf<K extends Use['kind']>(
  { reached }: Walk,
  ...kinds: readonly K[]
): (Reached & { use: Extract<Use, { kind: K }> })[] {
  return reached.filter(({ use }) => kinds.includes(use.kind as K)) as never;
}

/** `extensions.conf:12 [outbound] _9.`. */
export function placeOf({ step, found }: Pick<Reached, 'step' | 'found'>): string {
  return `${step.from} [${found.context}] ${found.extension.text}`;
}

/** `PJSIP/provider at extensions.conf:12 [outbound] _9., …`: what is dialled through, where. */
export function throughOf(numbers: readonly (Reached & { use: { through: string } })[]): string {
  const places = numbers.map((one) => `${display(one.use.through)} at ${placeOf(one)}`);
  return someOf([...new Set(places)]);
}

/**
 * Nothing found is only well where all was seen: ways that a call alone decides, extensions that come
 * from a database, files that could not be read.
 */
export async function conclude(
  pbx: Pbx,
  findings: readonly Finding[],
  ways: readonly Way[],
): Promise<Result> {
  if (findings.length > 0 || ways.length === 0) return findings;
  const { gaps } = await dialplanOf(pbx);
  const [gap] = [...gaps, ...ways.flatMap((way) => gapsOf(pbx, way))];
  return gap === undefined ? [] : unknown(gap);
}

function gapsOf(pbx: Pbx, { entrance, walk }: Way): string[] {
  const [first] = usesOf(walk, 'unclear').filter((one) => isMine(pbx, one));
  return [
    ...(walk.complete ? [] : [`the dialplan behind [${entrance.context}] is too large`]),
    ...walk.elsewhere.map((place) => `extensions come from elsewhere, too, in ${place}`),
    ...(first ? [`${placeOf(first)} jumps to ${display(first.use.to)}, which a call decides`] : []),
  ];
}

/** FreePBX's own lines are not the administrator's to mend. */
export function isMine(pbx: Pick<Pbx, 'kind'>, { step }: Pick<Reached, 'step'>): boolean {
  return pbx.kind !== 'freepbx' || !isFreepbxs(step);
}

/** Each once: many ways lead to one place. */
export function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((one) => [`${one.where} ${one.found}`, one])).values()];
}
