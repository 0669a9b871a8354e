const STRING = String.raw`"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"`;
const NUMBER = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;
const TOKEN = new RegExp(
  `[ \\t\\r\\n]*(?:(${STRING})|(${NUMBER}|true|false|null)|([{}[\\],:]))`,
  'y',
);

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'end';

/**
 * Where JSON breaks off: JSON.parse tells it in words that differ from one Node to the next, and
 * often not at all. Grammar: RFC 8259.
 * @returns the line (from 1) of the first thing that should not be there; undefined for sound JSON
 */
export function brokenJsonLine(text: string): number | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  const behindValue = () => (open.length > 0 ? ', or end' : 'end');
  TOKEN.lastIndex = 0;
  let at = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [, string, literal, mark = ''] = match;
    const value = expected === 'value' || expected === 'value or ]';
    if (string !== undefined && (expected === 'key' || expected === 'key or }')) expected = ':';
    else if ((string !== undefined || literal !== undefined) && value) expected = behindValue();
    else if (mark === '{' && value) {
      open.push('{');
      expected = 'key or }';
    } else if (mark === '[' && value) {
      open.push('[');
      expected = 'value or ]';
    } else if (mark === ':' && expected === ':') expected = 'value';
    else if (mark === ',' && expected === ', or end') {
      expected = open.at(-1) === '{' ? 'key' : 'value';
    } else if (closes(mark, open.at(-1), expected)) {
      open.pop();
      expected = behindValue();
    } else return lineAt(text, TOKEN.lastIndex - 1);
    at = TOKEN.lastIndex;
  }
  const rest = text.slice(at);
  const blank = /^[ \t\r\n]*/.exec(rest)![0].length;
  return expected === 'end' && blank === rest.length ? undefined : lineAt(text, at + blank);
}

function closes(mark: string, open: string | undefined, expected: Expected): boolean {
  if (mark === '}') return open === '{' && (expected === ', or end' || expected === 'key or }');
  return mark === ']' && open === '[' && (expected === ', or end' || expected === 'value or ]');
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
