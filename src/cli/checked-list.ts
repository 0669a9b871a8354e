import { fault } from '../errors.ts';
import { LISTS, type List } from '../policy/index.ts';

/** @throws Fault where the text is none of trust, deny and permit */
export function checkedList(text: string): List {
  const list = LISTS.find((known) => known === text);
  if (!list) throw fault('list-unknown', text);
  return list;
}
