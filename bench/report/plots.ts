/** Draws the plots of a report as SVG, without a browser. */

import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Plot } from './trial.ts';

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const SIZE = { width: 760, height: 420 };

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
  return {
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 4 },
    grid: { left: 70, right: 30, top: 50, bottom: 80 },
    xAxis: {
      type: named ? 'category' : x.log === true ? 'log' : 'value',
      ...(named ? { data: x.names } : { scale: true }),
      name: x.label,
      nameLocation: 'middle',
      nameGap: 28,
    },
    yAxis: { type: y.log === true ? 'log' : 'value', name: y.label },
    series: series.map(({ name, points }) => ({
      name,
      type: named ? 'bar' : 'line',
      data: points.map((point) => [...point]),
    })),
  };
}
