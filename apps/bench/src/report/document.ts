/**
 * Owns the document in which results are kept: one section per area, each replaced whole by a later run of that area.
 * It must never know what a section says.
 */

/** Puts a section in the place of the one with the same heading, or after all others. */
export function replaceSection(document: string, heading: string, body: string): string {
  const section = `## ${heading}\n\n${body.trim()}\n`;
  const lines = document.split('\n');
  const start = lines.indexOf(`## ${heading}`);
  if (start === -1) return `${document.trim()}\n\n${section}`;
  const next = lines.findIndex((line, index) => index > start && line.startsWith('## '));
  const before = lines.slice(0, start).join('\n').trim();
  const after = next === -1 ? '' : `\n${lines.slice(next).join('\n').trim()}\n`;
  return `${before}\n\n${section}${after}`;
}
