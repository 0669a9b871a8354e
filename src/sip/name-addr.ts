import { parseHost, parseUri, type Uri } from './uri.ts';

/** The value of a From, To or Contact header (RFC 3261 sections 20.10, 20.20, 20.39). */
export interface NameAddr {
  /** Without quotes and escapes; '' where there is none. */
  readonly displayName: string;
  readonly uri: Uri;
  /** The header's own parameters, names in lower case: `tag`, `q`, `expires`; '' without value. */
  readonly parameters: ReadonlyMap<string, string>;
}

const LWS = ' \t\r\n'; // a folded line is white space (section 7.3.1)
/** A token of section 25.1; raw UTF-8 is taken too, as phones send it in unquoted names. */
const TOKEN = /^[\w\-.!%*+`'~\u00a1-\uffff]+$/;

/**
 * Reads one `name-addr` or `addr-spec` with its header parameters. In an `addr-spec` (no angle
 * brackets) what follows the first `;` belongs to the header, not to the URI.
 * @returns undefined where it is malformed; never throws, time linear in the text's length
 */
export function parseNameAddr(text: string): NameAddr | undefined {
  const start = skipLws(text, 0);
  if (text[start] === '"') {
    const quoted = readQuoted(text, start);
    if (!quoted) return undefined;
    const open = skipLws(text, quoted.end);
    return text[open] === '<' ? bracketed(text, open, quoted.value) : undefined;
  }
  const open = text.indexOf('<', start);
  const words = open < 0 ? [] : text.slice(start, open).split(/[ \t\r\n]+/);
  if (words.at(-1) === '') words.pop(); // white space before the bracket
  if (open >= 0 && words.every((word) => TOKEN.test(word))) {
    return bracketed(text, open, words.join(' '));
  }
  return bare(text, start);
}

function bracketed(text: string, open: number, displayName: string): NameAddr | undefined {
  const close = text.indexOf('>', open);
  const uri = close < 0 ? undefined : parseUri(text.slice(open + 1, close));
  return uri && withParameters(text, close + 1, displayName, uri);
}

function bare(text: string, start: number): NameAddr | undefined {
  let end = start;
  while (end < text.length && text[end] !== ';' && !LWS.includes(text[end]!)) end++;
  const spec = text.slice(start, end);
  // A URI with a comma or question mark must stand in brackets (section 20).
  const uri = /[,?]/.test(spec) ? undefined : parseUri(spec);
  return uri && withParameters(text, end, '', uri);
}

function withParameters(
  text: string,
  from: number,
  displayName: string,
  uri: Uri,
): NameAddr | undefined {
  const parameters = new Map<string, string>();
  let at = skipLws(text, from);
  while (at < text.length) {
    if (text[at] !== ';') return undefined;
    const name = readWord(text, skipLws(text, at + 1));
    const key = name.value.toLowerCase();
    if (!TOKEN.test(key) || parameters.has(key)) return undefined;
    at = skipLws(text, name.end);
    if (text[at] !== '=') {
      parameters.set(key, '');
      continue;
    }
    const value = readValue(text, skipLws(text, at + 1));
    if (!value) return undefined;
    parameters.set(key, value.value);
    at = skipLws(text, value.end);
  }
  return { displayName, uri, parameters };
}

interface Piece {
  readonly value: string;
  /** Where the text goes on. */
  readonly end: number;
}

/** A token, a host (an IPv6 reference holds characters that no token has) or a quoted string. */
function readValue(text: string, at: number): Piece | undefined {
  if (text[at] === '"') return readQuoted(text, at);
  const word = readWord(text, at);
  return TOKEN.test(word.value) || parseHost(word.value) ? word : undefined;
}

function readWord(text: string, start: number): Piece {
  let end = start;
  while (end < text.length && !`;="<>,${LWS}`.includes(text[end]!)) end++;
  return { value: text.slice(start, end), end };
}

/** A loop, as a pattern would keep a megabyte without closing quote on its backtracking stack. */
function readQuoted(text: string, start: number): Piece | undefined {
  const pieces: string[] = [];
  let from = start + 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') {
      pieces.push(text.slice(from, at));
      return { value: pieces.join(''), end: at + 1 };
    }
    if (text[at] !== '\\') continue;
    pieces.push(text.slice(from, at));
    from = ++at; // the escaped character itself is kept, whatever it is
  }
  return undefined;
}

function skipLws(text: string, start: number): number {
  let at = start;
  while (at < text.length && LWS.includes(text[at]!)) at++;
  return at;
}
