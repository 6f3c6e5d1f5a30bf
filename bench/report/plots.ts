/** Draws the plots of a report as SVG, without a browser. */

import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Plot } from './trial.ts';

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const SIZE = { width: 760, height: 420 };
const GRID = { left: 70, right: 30, top: 60, bottom: 90 };
/** More bars than this have no room for their values above them. */
const BARS_WITH_VALUES = 10;

export function drawPlot(plot: Plot): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  try {
    chart.setOption(optionsOf(plot));
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose(); // its animation timer would keep the process
  }
}

function optionsOf({ title, x, y, series }: Plot): EChartsCoreOption {
  const named = x.names !== undefined;
  const bars = named && y.log !== true; // a bar on a logarithmic axis begins nowhere
  const values = bars && series.length * x.names.length <= BARS_WITH_VALUES;
  return {
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 4, show: series.length > 1 },
    grid: GRID,
    xAxis: {
      type: named ? 'category' : x.log === true ? 'log' : 'value',
      ...(named ? { data: x.names, axisLabel: wrapped(x.names.length) } : { scale: true }),
      name: x.label,
      nameLocation: 'middle',
      nameGap: 44,
    },
    yAxis: { type: y.log === true ? 'log' : 'value', name: y.label },
    series: series.map(({ name, points }) => ({
      name,
      type: bars ? 'bar' : 'line',
      data: points.map((point) => [...point]),
      label: { show: values, position: 'top', formatter: valueText },
    })),
  };
}

/** Every name is shown, over several lines where it is long. */
function wrapped(names: number): object {
  const width = Math.floor((SIZE.width - GRID.left - GRID.right) / names) - 8;
  return { interval: 0, width, overflow: 'break', fontSize: 11 };
}

/** Three figures of the value. */
function valueText({ value }: { value: readonly number[] }): string {
  return value[1]!.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
