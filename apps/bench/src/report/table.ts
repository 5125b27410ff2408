/**
 * Owns the form of a table: aligned text, which is Markdown as it stands.
 * It must never know what is in it.
 */

/** The first row is the head. The first column leans left, the others right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [formatRow(head, widths), formatRow(rule, widths), ...body.map((row) => formatRow(row, widths))].join('\n');
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = widths.map((width, column) => {
    const text = row[column] ?? '';
    return column === 0 ? text.padEnd(width) : text.padStart(width);
  });
  return `| ${cells.join(' | ')} |`;
}
