'use strict';
(() => {
  const root = document.documentElement;
  root.dataset.errors = '0';
  window.addEventListener('error', () => { root.dataset.errors = String(Number(root.dataset.errors) + 1); });

  // Okabe and Ito's colours, which most people with a colour deficiency can tell apart
  const LIGHT = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#6B6B6B', '#A08A00'];
  const DARK = ['#56B4E9', '#E69F00', '#2BC99A', '#E39AC6', '#F0E442', '#6FA8FF', '#B0B0B0', '#FF8A5B'];
  const scheme = window.matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map();
  let data = JSON.parse(document.getElementById('data').textContent);

  const style = name => getComputedStyle(root).getPropertyValue(name).trim();
  const digits = value => Number(value.toPrecision(5)).toString();

  /** Vertical strokes y ± error: a broken line through the ends. */
  const errorBars = (points, colour) => ({
    data: points.filter(p => p.error !== null).flatMap(p =>
      [{ x: p.x, y: p.y - p.error }, { x: p.x, y: p.y + p.error }, { x: p.x, y: null }]),
    borderColor: colour, backgroundColor: colour, borderWidth: 1.5,
    pointStyle: 'line', pointRadius: 5, spanGaps: false, errorBars: true,
  });

  const lines = (chart, colours) => chart.series.flatMap((series, i) => {
    const colour = series.style === 'REFERENCE' ? style('--faint') : colours[i % colours.length];
    const set = {
      label: series.name, data: series.points, borderColor: colour, backgroundColor: colour, borderWidth: 2,
      pointRadius: series.style === 'REFERENCE' || series.points.length > 60 ? 0 : 3,
      pointStyle: series.style === 'REFERENCE' ? 'line' : 'circle',
      borderDash: series.style === 'REFERENCE' ? [6, 4] : [],
    };
    const bars = errorBars(series.points, colour);
    return bars.data.length ? [set, bars] : [set];
  });

  const bars = (chart, colours) => {
    const xs = [...new Set(chart.series.flatMap(s => s.points.map(p => p.x)))].sort((a, b) => a - b);
    const stacked = chart.form === 'STACKED_BARS';
    return { xs, stacked, sets: chart.series.map((series, i) => {
      const heights = new Map(series.points.map(p => [p.x, p.y]));
      return {
        label: series.name, data: xs.map(x => heights.get(x) ?? 0), backgroundColor: colours[i % colours.length] + (stacked ? '' : 'A0'),
        grouped: stacked, barPercentage: 1, categoryPercentage: stacked ? 0.85 : 1,
      };
    }) };
  };

  const axis = (spec, extra, ticks) => ({
    title: { display: true, text: spec.label, color: style('--ink') },
    ticks: { color: style('--faint'), precision: spec.label === 'round' ? 0 : undefined, ...ticks },
    grid: { color: style('--line') },
    ...extra,
  });

  const config = chart => {
    const colours = scheme.matches ? DARK : LIGHT;
    const isLine = chart.form === 'LINES';
    const kind = scale => (scale === 'LOG' ? 'logarithmic' : 'linear');
    const b = isLine ? null : bars(chart, colours);
    const numbers = { callback: value => digits(value) };
    const x = isLine ? axis(chart.x, { type: kind(chart.x.scale) }, numbers) : axis(chart.x, { stacked: b.stacked }, { maxRotation: 0 });
    if (chart.x.scale === 'LOG') {
      const own = [...new Set(chart.series.flatMap(s => s.points.map(p => p.x)))].sort((p, q) => p - q);
      x.afterBuildTicks = scale => { scale.ticks = own.map(value => ({ value })); };
    }
    const y = axis(chart.y, isLine ? { type: kind(chart.y.scale) } : { stacked: b.stacked, beginAtZero: true }, numbers);
    if (chart.y.scale === 'LOG') {
      y.afterBuildTicks = scale => { // decades alone, where there are some
        const decades = scale.ticks.filter(t => Math.abs(Math.log10(t.value) - Math.round(Math.log10(t.value))) < 1e-9);
        if (decades.length > 1) scale.ticks = decades;
      };
    }
    return {
      type: isLine ? 'line' : 'bar',
      data: isLine ? { datasets: lines(chart, colours) } : { labels: b.xs.map(digits), datasets: b.sets },
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, normalized: true,
        interaction: { mode: isLine ? 'nearest' : 'index', axis: 'x', intersect: false },
        plugins: {
          legend: {
            position: 'bottom', display: chart.series.length <= 12, // more are told apart by pointing at them
            labels: { color: style('--ink'), usePointStyle: true, filter: (item, all) => !all.datasets[item.datasetIndex].errorBars },
            // a curve's error bars go with it
            onClick: (event, item, legend) => {
              const c = legend.chart, i = item.datasetIndex, visible = !c.isDatasetVisible(i);
              c.setDatasetVisibility(i, visible);
              if (c.data.datasets[i + 1]?.errorBars) c.setDatasetVisibility(i + 1, visible);
              c.update();
            },
          },
          tooltip: {
            filter: item => !item.dataset.errorBars,
            callbacks: { label: item => {
              const error = item.raw?.error;
              return `${item.dataset.label}: ${digits(item.parsed.y)}${error == null ? '' : ' ± ' + digits(error)}`;
            } },
          },
        },
        scales: { x, y },
      },
    };
  };

  const draw = () => {
    for (const chart of data.charts) {
      const canvas = document.getElementById(chart.caption.id);
      if (!canvas) { location.reload(); return; } // a figure that was not there before
      const fresh = config(chart);
      const old = drawn.get(chart.caption.id);
      if (old) {
        old.data = fresh.data;
        old.options = fresh.options;
        old.update();
      } else {
        drawn.set(chart.caption.id, new Chart(canvas, fresh));
      }
    }
    root.dataset.charts = String(drawn.size);
  };

  draw();
  scheme.addEventListener('change', draw);

  if (data.live) {
    const live = document.getElementById('live');
    live.hidden = false;
    live.textContent = 'Live: follows the run round by round.';
    const timer = setInterval(async () => {
      try {
        const answer = await fetch('data.json', { cache: 'no-store' });
        if (!answer.ok) throw new Error(answer.statusText);
        data = await answer.json();
        draw();
        const outcome = document.getElementById('outcome');
        if (outcome && data.status) outcome.outerHTML = data.status;
      } catch (gone) {
        clearInterval(timer);
        live.textContent = 'The run has ended, or its process is gone. The run folder has the whole report.';
      }
    }, 2000);
  }
})();
