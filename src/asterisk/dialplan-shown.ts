import { stripVTControlCharacters } from 'node:util';
import { splitApplication } from './arguments.ts';
import type { Context, Dialplan } from './dialplan.ts';
import { buildContext, type ContextBuilder } from './dialplan-build.ts';

/** Label, hint or priority and application, and origin, in the columns of `dialplan show`. */
const STEP =
  /^(?:\[(?<label>[^\]]*)\])?\s*(?:hint:(?<hint>.*)|(?<priority>\d+)\. (?<action>.*\S))\s+\[(?<from>[^[\]]*)\]$/;
const EXTENSION = /^ {2}'(.*?)' (?:\(CID match '(.*)'\) )?=>\s+(.*)$/;
const MORE = /^ {2}(Include|Alt\. Switch) =>\s+'(.*)'\s+\[[^[\]]*\]$/;

/**
 * The dialplan that a running Asterisk (16 to 22) has, whatever made it: files, AEL, Lua, modules.
 * Asterisk cuts an application's line at some 1 000 characters.
 * @param shown what `dialplan show` prints
 * @param globals what `dialplan show globals` prints
 */
export function dialplanOfShown(shown: string, globals: string): Dialplan {
  const builders: [string, ContextBuilder][] = [];
  let extension = '';
  let callerId: string | undefined;
  for (const line of stripVTControlCharacters(shown).split(/\r?\n/)) {
    const context = /^\[ Context '(.*)' created by /.exec(line)?.[1];
    if (context !== undefined) builders.push([context, buildContext(context)]);
    const builder = builders.at(-1)?.[1];
    if (!builder) continue;
    const [, kind, more] = MORE.exec(line) ?? [];
    if (kind && more !== undefined) {
      if (kind === 'Include') builder.addInclude(more);
      else builder.addSwitch(more);
      continue;
    }
    const head = EXTENSION.exec(line);
    if (head) [, extension, callerId] = head as unknown as [string, string, string | undefined];
    const step = STEP.exec((head?.[3] ?? line).trim())?.groups;
    if (!step) continue;
    const { label = '', hint, priority, action = '', from = '' } = step;
    if (hint !== undefined) builder.addHint(extension, callerId, hint.trim());
    else {
      const { application, data } = splitApplication(action);
      builder.addStep(extension, callerId, {
        priority: Number(priority),
        label,
        application,
        data,
        from,
      });
    }
  }
  const contexts = new Map<string, Context>();
  for (const [name, builder] of builders) contexts.set(name, builder.build());
  return { source: 'running', contexts, globals: readGlobals(globals), remarks: [] };
}

function readGlobals(shown: string): Map<string, string> {
  const lines = stripVTControlCharacters(shown).matchAll(/^ {3}(\w+)=(.*)$/gm);
  return new Map([...lines].map(([, name, value]) => [name!, value!]));
}
