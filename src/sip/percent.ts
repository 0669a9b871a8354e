/**
 * Undoes percent-encoding. Lenient, as the encoded text is a caller's or was cut by URIENCODE() in
 * the middle of an escape (decodeURIComponent would throw): what is no escape stays as it is, and
 * bytes that are no UTF-8 become U+FFFD. `+` stays `+`.
 */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text); // by far the most common case, and by far the quickest
  } catch {
    return decodeRuns(text);
  }
}

function decodeRuns(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
