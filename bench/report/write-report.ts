/** Puts a report into a folder: README.md, report.json and the plots. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Report, toMarkdown } from './markdown.ts';
import { drawPlot } from './plots.ts';

export function writeReport(folder: string, report: Report): void {
  mkdirSync(folder, { recursive: true });
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
  put('README.md', toMarkdown(report));
  put('report.json', `${JSON.stringify(report, null, 2)}\n`);
  for (const { result } of report.outcomes)
    for (const plot of result?.plots ?? []) put(`${plot.file}.svg`, drawPlot(plot));
}
