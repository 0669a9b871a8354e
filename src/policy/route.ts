import { fault } from '../errors.ts';
import type { Route } from './types.ts';

// The route's text ends up in a dialplan's Goto() or Dial(). It is an administrator's own, but a
// comma, bracket or `${` in the wrong place would still change what Asterisk does with it.
const CONTEXT = /^[A-Za-z0-9_.-]{1,79}$/; // AST_MAX_CONTEXT is 80
const EXTENSION = /^[A-Za-z0-9_.+*#-]{1,79}$/; // AST_MAX_EXTENSION is 80
const PRIORITY = /^(?:[1-9]\d{0,5}|[A-Za-z][A-Za-z0-9_-]{0,39})$/; // a number or a label
/** One device of Dial(): technology, slash, resource; `&` would dial a second device. */
const DEVICE = /^[A-Za-z][A-Za-z0-9]{1,15}\/[A-Za-z0-9_.+*#:@/-]{1,120}$/;

/** Reads `--goto context,exten,priority`. @throws Fault */
export function parseGoto(text: string): Route {
  const parts = text.split(',').map((part) => part.trim());
  const [context = '', extension = '', priority = ''] = parts;
  const sound =
    parts.length === 3 &&
    CONTEXT.test(context) &&
    EXTENSION.test(extension) &&
    PRIORITY.test(priority);
  if (!sound) throw fault('route-goto', text);
  return { kind: 'goto', context, extension, priority };
}

/** Reads `--dial TECH/resource`. @throws Fault */
export function parseDial(text: string): Route {
  if (!DEVICE.test(text)) throw fault('route-dial', text);
  return { kind: 'dial', device: text };
}

/** How a route is kept: `goto,context,exten,priority` or `dial,TECH/resource`. */
export function formatRoute(route: Route): string {
  return route.kind === 'goto'
    ? `goto,${route.context},${route.extension},${route.priority}`
    : `dial,${route.device}`;
}

/** The inverse of {@link formatRoute}; checks again, as the table may have been edited by hand. @throws Fault */
export function parseRoute(text: string): Route {
  if (text.startsWith('goto,')) return parseGoto(text.slice('goto,'.length));
  if (text.startsWith('dial,')) return parseDial(text.slice('dial,'.length));
  throw fault('route-kind', text);
}

/** What an anonymous caller may dial: letters, digits and the marks of SIP user names. */
const NAME = /^[a-z0-9_.+*#-]{1,79}$/;

/** The extension's name as it is kept and compared: lower case. @throws Fault */
export function checkedExtension(text: string): string {
  const name = extensionKey(text);
  if (!NAME.test(name)) throw fault('extension-name', text);
  return name;
}

/** What a caller dialled, as it is compared with the whitelist. */
export function extensionKey(dialled: string): string {
  return dialled.toLowerCase();
}
