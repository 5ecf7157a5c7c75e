'use strict';
(() => {
  const charts = globalThis.auieCharts;
  const inlined = document.getElementById('data');
  const saved = inlined ? JSON.parse(inlined.textContent) : null;
  const needsKey = document.documentElement.dataset.keys === 'true';
  const keySlot = 'auie.key';
  const staleAfter = 60_000;
  const campaignsShown = 10;
  const mostLeftAlone = .5; // no plan leaves a larger share alone
  const carriers = 10;
  const waysOfFunnels = ['locale', 'platform', 'place'];
  const $ = id => document.getElementById(id);

  // ---- words and numbers

  const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
  const count = value => whole.format(value);
  const number = value => {
    const size = Math.abs(value);
    return new Intl.NumberFormat('en-GB', { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 2 }).format(value);
  };
  // The space before a unit does not break.
  const share = value => {
    const digits = value > 0 && value < .0995 ? 1 : 0;
    return `${new Intl.NumberFormat('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(100 * value)}\u00a0%`;
  };
  const signed = value => (!Number.isFinite(value) ? 'not known' : `${Math.abs(value) < .05 ? '' : value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`);
  const finite = value => (Number.isFinite(value) ? value : null); // what is not known comes as null
  const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;
  const small = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
  const inWords = n => small[n] ?? count(n);
  const capital = text => (/^\w [=<>]/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1)); // k = 4 stays as it is
  const listed = parts => (parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`);
  const instant = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
  const when = time => instant.format(new Date(time));
  const took = seconds => (seconds < 1 ? 'under a second' : seconds < 90 ? `${number(seconds)}\u00a0s` : seconds < 5400 ? `${number(seconds / 60)}\u00a0min` : `${number(seconds / 3600)}\u00a0h`);
  // Names that hold commas need quotes in a list.
  const named = names => (names.some(name => name.includes(',')) ? names.map(name => `“${name}”`) : names);
  const median = counts => {
    const years = Object.keys(counts).map(Number).sort((a, b) => a - b);
    const all = years.reduce((sum, year) => sum + counts[year], 0);
    const at = place => {
      let seen = 0;
      return years.find(year => (seen += counts[year]) > place);
    };
    return all ? (at(Math.floor((all - 1) / 2)) + at(Math.floor(all / 2))) / 2 : null;
  };

  const featureWords = new Map([['birthyear', 'birth year'], ['friends_count', 'friends']]);
  const nameOf = feature => featureWords.get(feature) ?? feature.replaceAll('_', ' ');

  // A value in its feature's unit; a part of things, as "of items shown", is told as a percentage.
  function inUnit(value, unit, withUnit) {
    if (finite(value) === null) return 'not known';
    if (unit === 'year') return String(Math.round(value));
    if (unit.startsWith('of ')) return withUnit ? `${share(value)} ${unit}` : share(value);
    return withUnit && unit ? `${number(value)} ${unit}` : number(value);
  }

  // These are in use, and their second part is no country.
  const localeWords = new Map([
    ['', 'none given'], ['ar_AR', 'Arabic'], ['es_LA', 'Spanish (Latin America)'], ['en_PI', 'English (Pirate)'], ['en_UD', 'English (upside down)'],
  ]);

  function localeName(locale) {
    if (localeWords.has(locale)) return localeWords.get(locale);
    try {
      return new Intl.DisplayNames('en', { type: 'language', languageDisplay: 'standard' }).of(locale.replaceAll('_', '-'));
    } catch {
      return locale;
    }
  }

  const eventKinds = new Map([['shown', 'was shown'], ['viewed', 'viewed'], ['invited', 'was invited'], ['came', 'came'], ['purchased', 'purchased']]);
  const answerKinds = new Map([
    ['interested', 'interested'], ['not_interested', 'not interested'], ['yes', 'yes, will come'], ['maybe', 'maybe'], ['no', 'no, will not come'],
  ]);

  // ---- elements; every text goes in as text, never as markup

  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.flat().filter(child => child !== null && child !== undefined));
    return element;
  }

  // columns: { title, number, hint }, of which a hint says more under the pointer; rows: arrays of texts or nodes, the first of them the row's head.
  function table(caption, columns, rows, { cardwise = false, titled = true, dense = false } = {}) {
    const cell = (value, i) => (i === 0
      ? h('th', { scope: 'row' }, value)
      : h('td', { class: columns[i].number ? 'number' : null, 'data-label': columns[i].title }, value));
    return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, h('table', { class: [cardwise ? 'cardwise' : null, dense ? 'dense' : null].filter(Boolean).join(' ') || null },
      titled ? h('caption', null, caption) : null,
      h('thead', null, h('tr', null, columns.map(column => h('th', { scope: 'col', class: column.number ? 'number' : null, title: column.hint }, column.title)))),
      h('tbody', null, rows.map(row => h('tr', null, row.map(cell))))));
  }

  function section(id, title, ...children) {
    const heading = h('h2', { id: `${id}-title` }, title);
    return h('section', { id, class: 'section', 'aria-labelledby': heading.id }, heading, ...children);
  }

  const words = (...paragraphs) => h('div', { class: 'words' }, paragraphs.filter(Boolean).map(text => h('p', null, text)));

  // ---- charts

  let figures = [];

  function palette() {
    const style = getComputedStyle(document.documentElement);
    const colour = name => style.getPropertyValue(`--${name}`).trim();
    return { ink: colour('ink'), soft: colour('soft'), grid: colour('grid'), more: colour('more'), less: colour('less'), quiet: colour('quiet'), raised: colour('raised'), paper: colour('paper'), sans: colour('sans') };
  }

  // A chart with its title, what it is of, what it says in words, and its numbers as a table, which is all there is where there are no charts.
  function figure({ title, basis, says, height, option, numbers, wide, quiet }) {
    const caption = h('figcaption', null, title, h('span', { class: 'basis' }, basis));
    if (!charts) return h('figure', { class: wide ? 'wide' : null }, caption, numbers);
    const box = h('div', { class: 'chart', role: 'img', 'aria-label': `${title}. ${says}` });
    box.style.height = `${height}px`;
    figures.push({ box, option });
    return h('figure', { class: wide ? 'wide' : null }, caption, box, quiet ? null : h('details', null, h('summary', null, 'The numbers'), numbers));
  }

  const resized = new ResizeObserver(entries => {
    for (const { target } of entries) figures.find(one => one.box === target)?.chart?.resize();
  });

  function draw() {
    const colours = palette();
    for (const one of figures) {
      one.chart?.dispose();
      one.chart = charts.init(one.box, null, { renderer: 'svg' });
      one.chart.setOption({
        animation: false,
        textStyle: { fontFamily: colours.sans, color: colours.ink },
        tooltip: {
          renderMode: 'richText', confine: true, backgroundColor: colours.raised, borderColor: colours.quiet, textStyle: { color: colours.ink, fontSize: 12 },
        },
        ...one.option(colours, one.box.clientWidth),
      });
      resized.observe(one.box);
    }
  }

  function clearFigures() {
    for (const one of figures) {
      resized.unobserve(one.box);
      one.chart?.dispose();
    }
    figures = [];
  }

  const labelled = (colours, width, names) => ({
    type: 'category', data: names, inverse: true, axisLine: { show: false }, axisTick: { show: false },
    axisLabel: { color: colours.ink, fontSize: 12, lineHeight: 13, width: Math.min(Math.max(...names.map(name => name.length)) * 7, 170, width * .42), overflow: 'break', interval: 0 },
  });

  // bars: { name, value, label, strong }; as many bars as rows, each with its value beside it.
  const barRow = 26;
  const barsOption = (bars, { line } = {}) => (colours, width) => {
    const most = Math.max(...bars.map(bar => bar.value), line?.value ?? 0, 0);
    const least = Math.min(...bars.map(bar => bar.value), line?.value ?? 0);
    // Years have no zero to start from: their bars start below the smallest, and the axis is not shown.
    const room = 12 + 7 * Math.max(...bars.map(bar => bar.label.length));
    const from = line?.floor ? least - (most - least || 1) * .15 : Math.min(0, least);
    return {
      grid: { left: 0, right: room, top: 4, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: { type: 'value', show: false, min: from, max: most > from ? most : from + 1 },
      yAxis: labelled(colours, width, bars.map(bar => bar.name)),
      series: [{
        type: 'bar', barMaxWidth: 14, barMinWidth: 2,
        data: bars.map(bar => ({ value: bar.value, itemStyle: { color: bar.quiet ? colours.quiet : colours.more, borderRadius: 2 } })),
        label: { show: true, position: 'right', color: colours.ink, backgroundColor: colours.paper, padding: [0, 2], fontSize: 12, formatter: point => bars[point.dataIndex].label },
        markLine: line && {
          symbol: 'none', silent: true, z: 1, lineStyle: { color: colours.ink, type: [4, 3], width: 1 }, label: { show: false }, data: [{ xAxis: line.value }],
        },
      }],
      tooltip: { show: false },
    };
  };

  // Long names take several lines.
  const heightOf = names => names.length * Math.max(barRow, 6 + 13 * Math.ceil(Math.max(0, ...names.map(name => name.length)) / 18)) + 10;

  function barsFigure({ title, basis, bars, columns, line, wide }) {
    return figure({
      title, basis, wide, height: wide ? bars.length * barRow + 10 : heightOf(bars.map(bar => bar.name)),
      says: bars.slice(0, 12).map(bar => `${bar.name}: ${bar.label}`).join('; '),
      option: barsOption(bars, { line }),
      numbers: table(title, columns, bars.map(bar => bar.row)),
    });
  }

  // ---- sections

  function personasSection({ segmentation, live }, asOf) {
    const { segments, columns } = segmentation;
    const units = unitsOf(segmentation);
    const answers = segmentation.rowsAre === 'answer';
    const deviations = segments.flatMap(segment => segment.setsApart.map(contrast => finite(contrast.deviations) ?? 0));
    const scale = { least: Math.min(-.5, ...deviations), most: Math.max(.5, ...deviations) };
    const ordered = segments.map(segment => ({ segment, now: live.get(segment.segment) ?? null }))
      .sort((a, b) => (b.now?.size ?? b.segment.size) - (a.now?.size ?? a.segment.size));
    const cards = ordered.map(({ segment, now }) => {
      const part = now?.share ?? segment.share;
      const fill = h('i');
      fill.style.width = `${100 * part}%`;
      const fitted = `${plural(segment.size, rowWord(segmentation, 1), rowWord(segmentation, 2))} when found, ${share(segment.share)} of ${count(segmentation.rows)}`;
      const byColumn = new Map(segment.setsApart.map(contrast => [contrast.feature, contrast]));
      const contrasts = columns.map(column => byColumn.get(column)).filter(Boolean);
      return h('article', { class: 'card', 'aria-labelledby': `persona-${segment.segment}` },
        h('header', null, h('h3', { id: `persona-${segment.segment}` }, segment.persona), h('span', { class: 'share' }, share(part))),
        h('p', { class: 'size' }, now && (answers || now.size !== segment.size) ? `${plural(now.size, 'person', 'people')} now; ${fitted}` : now ? fitted.replace('when found', 'now as when found') : fitted),
        h('div', { class: 'bar', 'aria-hidden': 'true' }, fill),
        segment.description === segment.persona ? null : h('p', null, segment.description),
        h('p', { class: 'apart' }, apart(segment, units, columns)),
        figure({
          title: 'Above (+) and below (−) everybody, in standard deviations', basis: `n = ${plural(segment.size, rowWord(segmentation, 1), rowWord(segmentation, 2))}, as of ${when(segmentation.asOf)}`,
          quiet: true,
          says: contrasts.map(contrast => `${nameOf(contrast.feature)} ${signed(contrast.deviations)}`).join('; '),
          height: contrasts.length * 22 + 8,
          option: deviationsOption(contrasts, scale),
          numbers: table(`What sets ${segment.persona} apart`,
            [{ title: 'Feature' }, { title: 'Here', number: true }, { title: 'Everybody', number: true }, { title: 'Deviations', number: true }],
            contrasts.map(contrast => {
              const unit = units[columns.indexOf(contrast.feature)];
              return [nameOf(contrast.feature), inUnit(contrast.mean, unit), inUnit(contrast.overall, unit), signed(contrast.deviations)];
            })),
        }));
    });
    return section('personas', 'Personas',
      words(`People who are alike in ${listed(columns.map(nameOf))} are put together; each group is named after what sets it apart from everybody. A standard deviation is how far people usually are from the middle: 1 above is clearly more than most, 2 is far more.`
        + (answers ? ' Groups were found among single answers; a person belongs to the group that is nearest to the mean of their answers.' : ''),
      segmentation.namesWithheld),
      h('div', { class: 'cards' }, cards),
      h('p', { class: 'basis words' }, `Model version ${segmentation.version}, found by “${segmentation.features}”, as of ${when(segmentation.asOf)}. `
        + `People are counted as of ${asOf}.`));
  }

  const rowWord = (segmentation, n) => ({ user: ['person', 'people'], answer: ['answer', 'answers'] }[segmentation.rowsAre] ?? ['row', 'rows'])[n === 1 ? 0 : 1];
  const unitsOf = segmentation => segmentation.columns.map((_, i) => segmentation.units?.[i] ?? '');

  function apart(segment, units, columns) {
    const extent = deviations => {
      const size = Math.abs(deviations);
      return `${size >= 2 ? 'far ' : size >= 1 ? 'well ' : size >= .5 ? '' : 'a little '}${deviations > 0 ? 'above' : 'below'} everybody`;
    };
    const told = segment.setsApart.filter(contrast => Math.abs(contrast.deviations) >= .25).slice(0, 3);
    if (told.length === 0) return 'In every feature these people are close to everybody.';
    return `${capital(told.map(contrast => {
      const unit = units[columns.indexOf(contrast.feature)] ?? '';
      return `${nameOf(contrast.feature)} ${extent(contrast.deviations)} (${inUnit(contrast.mean, unit)}; everybody: ${inUnit(contrast.overall, unit)})`;
    }).join('; '))}.`;
  }

  // One scale for all personas, so that their bars compare, with room for the numbers beside the longest ones.
  const labelRoom = 36;
  const deviationsOption = (contrasts, { least, most }) => (colours, width) => ({
    grid: { left: 0, right: labelRoom, top: 2, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: { type: 'value', min: least - (most - least) * labelRoom / (width * .6 - labelRoom), max: most, axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: labelled(colours, width, contrasts.map(contrast => nameOf(contrast.feature))),
    series: [{
      type: 'bar', barMaxWidth: 11,
      data: contrasts.map(({ deviations }) => ({
        value: deviations,
        itemStyle: { color: deviations >= 0 ? colours.more : colours.less, borderRadius: 2 },
        label: { position: deviations >= 0 ? 'right' : 'left' },
      })),
      label: { show: true, color: colours.ink, fontSize: 11, formatter: point => signed(point.value) },
      markLine: { symbol: 'none', silent: true, lineStyle: { color: colours.quiet, type: 'solid', width: 1 }, label: { show: false }, data: [{ xAxis: 0 }] },
    }],
    tooltip: { show: false },
  });

  function centroidsSection({ segmentation }) {
    const { segments, columns } = segmentation;
    const units = unitsOf(segmentation);
    const overall = columns.map(column => segments[0]?.setsApart.find(contrast => contrast.feature === column)?.overall ?? NaN);
    const basis = `n = ${plural(segmentation.rows, rowWord(segmentation, 1), rowWord(segmentation, 2))}, as of ${when(segmentation.asOf)}`;
    const geometric = (segmentation.geometricMeans ?? []).map(nameOf);
    const everybody = `Everybody (${count(segmentation.rows)})`;
    const all = table(`The mean of each feature in each group${geometric.length ? `, the geometric one of ${listed(geometric)}` : ''}. ${basis}`,
      [{ title: 'Persona' }, { title: capital(rowWord(segmentation, 2)), number: true },
        ...columns.map((column, i) => ({ title: units[i] && units[i] !== nameOf(column) ? `${nameOf(column)} (${units[i].startsWith('of ') ? `% ${units[i]}` : units[i]})` : nameOf(column), number: true }))],
      [...segments.map(segment => [segment.persona, count(segment.size), ...segment.centroid.map((value, i) => inUnit(value, units[i]))]),
        [everybody, count(segmentation.rows), ...overall.map((value, i) => inUnit(value, units[i]))]]);
    const fewEnough = segments.length * columns.length <= 400;
    const small = charts && fewEnough ? columns.map((column, c) => figure({
      title: capital(nameOf(column)),
      basis: `${units[c] === 'year' ? 'mean' : units[c] || 'mean'}; dashed: everybody, ${inUnit(overall[c], units[c])}`,
      says: segments.map(segment => `${segment.persona}: ${inUnit(segment.centroid[c], units[c], true)}`).join('; '),
      height: heightOf(segments.map(segment => segment.persona)), quiet: true,
      option: barsOption(segments.map(segment => ({ name: segment.persona, value: segment.centroid[c], label: inUnit(segment.centroid[c], units[c]) })),
        { line: { value: overall[c], floor: units[c] === 'year' } }),
    })) : [];
    return section('centroids', 'What each group is like on average',
      words(`The middle of each group, feature by feature, in the feature’s own unit, beside the mean of everybody. ${basis}.`,
        geometric.length ? `Of ${listed(geometric)} the means are geometric ones, which a few huge values do not carry away: groups are found by the logarithm of these counts.` : null),
      small.length ? h('div', { class: 'figures' }, small) : null, all);
  }

  /** How far a silhouette may be from the exact one; of some that earlier versions measured nobody knows. */
  const errorOf = score => score.silhouetteMethod === 'exact' ? '0' : typeof score.silhouetteError === 'number' ? score.silhouetteError.toFixed(4) : 'not known';

  const howKnown = score => typeof score.silhouetteError === 'number'
    ? `as ${count(score.silhouetteRows)} drawn at random have it, off by ${errorOf(score)} at most, with a confidence of ${number(100 * score.silhouetteConfidence)} %`
    : `of a sample of ${count(score.silhouetteRows)}, its error not known`;

  function silhouetteSection({ segmentation }) {
    const scores = segmentation.scores.map(score => ({ ...score, silhouette: finite(score.silhouette) })).sort((a, b) => a.k - b.k);
    const chosen = scores.find(score => score.k === segmentation.k);
    const value = chosen?.silhouette;
    const quality = value === null || value === undefined ? 'It could not be measured here.'
      : value > .7 ? 'That is a strong structure: nearly everybody is far closer to their own group than to any other.'
        : value > .5 ? 'That is a reasonable structure: most are clearly closer to their own group than to the next one, and some stand between two.'
          : value > .25 ? 'That is a weak structure: the groups shade into each other, and many stand between two. Read them as tendencies.'
            : 'That is hardly a structure at all: the groups are cuts through one crowd, and should not be relied upon.';
    const tried = scores.length > 1
      ? `Of ${inWords(scores[0].k)} to ${inWords(scores.at(-1).k)} groups, ${inWords(segmentation.k)} were chosen, because they stand apart best.`
      : `${capital(inWords(segmentation.k))} groups were asked for; no other number was tried.`;
    const rows = `n = ${plural(segmentation.rows, rowWord(segmentation, 1), rowWord(segmentation, 2))}${chosen && chosen.silhouetteMethod !== 'exact' ? `, the silhouette ${howKnown(chosen)}` : ''}, as of ${when(segmentation.asOf)}`;
    const numbers = table(`How far groups stand apart (the silhouette), and how spread each is (the inertia), by number of groups. ${rows}`,
      [{ title: 'Groups' }, { title: 'Silhouette', number: true }, { title: 'At most off by', number: true }, { title: 'Measured on', number: true }, { title: 'Spread within groups', number: true, hint: 'inertia: the sum of squared distances to the middle of each group' }, { title: '' }],
      scores.map(score => [String(score.k), score.silhouette === null ? 'not known' : score.silhouette.toFixed(4), errorOf(score), count(score.silhouetteRows), number(score.inertia),
        score.k === segmentation.k ? h('span', { class: 'chosen' }, 'chosen') : '']));
    return section('number', 'How many groups there are, and how sure that is',
      words(`${tried} Their silhouette is ${value === null || value === undefined ? 'not known' : value.toFixed(3)}, on a scale from −1 to 1. ${quality}`),
      scores.length > 1 ? figure({
        title: 'Silhouette by number of groups', basis: `higher is better; ${rows}`, wide: true, height: 260,
        says: scores.map(score => `${score.k} groups: ${score.silhouette?.toFixed(3) ?? 'not known'}${score.k === segmentation.k ? ', chosen' : ''}`).join('; '),
        option: silhouetteOption(scores, segmentation.k), numbers,
      }) : numbers);
  }

  const silhouetteOption = (scores, k) => (colours, width) => ({
    grid: { left: 4, right: 16, top: 34, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
    xAxis: {
      type: 'category', data: scores.map(score => String(score.k)), name: 'groups', nameLocation: 'middle', nameGap: 28, nameTextStyle: { color: colours.soft },
      axisLine: { lineStyle: { color: colours.quiet } }, axisTick: { show: false }, axisLabel: { color: colours.ink },
    },
    yAxis: {
      type: 'value', scale: true, axisLabel: { color: colours.soft, formatter: value => value.toFixed(2) }, splitLine: { lineStyle: { color: colours.grid } }, splitNumber: 4,
    },
    series: [{
      type: 'line', lineStyle: { color: colours.quiet, width: 2 },
      data: scores.map(score => ({
        value: score.silhouette,
        symbol: score.k === k ? 'diamond' : 'circle', symbolSize: score.k === k ? 15 : 7,
        itemStyle: { color: score.k === k ? colours.more : colours.quiet },
        label: {
          show: score.silhouette !== null && (score.k === k || width > 34 * scores.length), position: 'top', color: colours.ink, fontSize: score.k === k ? 13 : 11, fontWeight: score.k === k ? 700 : 400,
          formatter: () => (score.k === k ? `chosen: ${score.silhouette.toFixed(3)}` : score.silhouette.toFixed(3)),
        },
      })),
    }],
    tooltip: { show: false },
  });

  const breakdownWords = new Map([['place', ['Where people live', 'Place']], ['tenure', ['How long they have been there', 'Since they joined']], ['friends', ['How many friends', 'Friends']], ['platform', ['Where they are seen', 'Platform']]]);
  // By whole signs, of which some are two of a string's units.
  const clipped = text => ([...text].length > 60 ? `${[...text].slice(0, 59).join('')}…` : text);

  // Of whom it is known, as the engine tells it; locales and genders are counted with those of whom it is not.
  function whoFigures({ breakdowns, asOf }) {
    return breakdowns.filter(one => breakdownWords.has(one.name) && one.known > 0).map(one => {
      const [title, head] = breakdownWords.get(one.name);
      const bar = (name, value, quiet) => ({ name, value, quiet, label: `${count(value)} · ${share(value / one.known)}`, row: [name, count(value), share(value / one.known)] });
      const bars = one.shares.filter(({ rate }) => rate.hits > 0).map(({ value, rate }) => bar(clipped(value), rate.hits));
      if (one.others > 0) bars.push(bar(`all other ${one.name}s`, one.others, true));
      if (one.missing > 0) bars.push({ name: 'not known', value: one.missing, quiet: true, label: count(one.missing), row: ['not known', count(one.missing), ''] });
      return barsFigure({
        title, wide: one.name === 'place', bars, columns: [{ title: head }, { title: 'People', number: true }, { title: 'Share', number: true }],
        basis: `${one.definition}; n = ${plural(one.known, 'person', 'people')}${one.missing ? `, of ${count(one.missing)} it is not known` : ''}, as of ${when(asOf)}`,
      });
    });
  }

  function peopleSection({ overview, who }, asOf) {
    const { users, items } = overview;
    const n = users.users;
    const genders = Object.entries(users.genders).filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]);
    const born = Object.values(users.birthYears).reduce((sum, value) => sum + value, 0);
    const years = Object.keys(users.birthYears).map(Number);
    const locales = Object.entries(users.locales).filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
    const answers = items.yes + items.maybe + items.no;
    const of = `as of ${asOf}`;
    const shared = (name, value, all, quiet) => ({ name, value, quiet, label: `${count(value)} · ${share(value / all)}`, row: [name, count(value), share(value / all)] });
    const shareColumns = first => [{ title: first }, { title: 'People', number: true }, { title: 'Share', number: true }];
    const tile = (title, value, beside) => h('div', null, h('dt', null, title), h('dd', null, value, beside ? h('span', { class: 'beside' }, beside) : null));
    const shown = 12;
    const rest = locales.slice(shown).reduce((sum, [, value]) => sum + value, 0);
    const localeBars = locales.slice(0, shown).map(([locale, value]) => {
      const bar = shared(localeName(locale), value, n, locale === '');
      return { ...bar, row: [locale === '' || bar.name === locale ? bar.name : `${bar.name}, ${locale}`, ...bar.row.slice(1)] };
    });
    if (rest > 0) localeBars.push(shared(`${plural(locales.length - shown, 'other', 'others')}`, rest, n, true));
    const drawn = [];
    if (years.length > 0) drawn.push(birthYears(users.birthYears, born, n, of));
    if (genders.length > 0) {
      drawn.push(barsFigure({
        title: 'Gender', basis: `n = ${plural(n, 'person', 'people')}, ${of}`, columns: shareColumns('Gender'),
        bars: genders.map(([gender, value]) => shared(gender === 'unknown' ? 'not known' : gender, value, n, gender === 'unknown')),
      }));
    }
    const counts = (title, kinds, basis, one, many) => {
      const bars = Object.entries(users.counts).filter(([kind, value]) => kinds.has(kind) && value > 0).sort((a, b) => b[1] - a[1]);
      if (bars.length === 0) return;
      drawn.push(barsFigure({
        title, basis: `${basis}; n = ${plural(bars.reduce((sum, [, value]) => sum + value, 0), one, many)}, ${of}`,
        columns: [{ title: 'Kind' }, { title: 'How often', number: true }],
        bars: bars.map(([kind, value]) => ({ name: kinds.get(kind), value, label: count(value), row: [kinds.get(kind), count(value)] })),
      }));
    };
    counts('What people were shown, and did', eventKinds, 'events as they came', 'event', 'events');
    counts('What people answered', answerKinds, 'each person’s latest answer to each item', 'answer', 'answers');
    if (answers + items.invited > 0) {
      const parts = [['yes', items.yes], ['maybe', items.maybe], ['no', items.no], ['invited', items.invited]];
      drawn.push(barsFigure({
        title: 'What items were answered with', basis: `by anybody, known or not; n = ${plural(items.items, 'item', 'items')}, ${of}`,
        columns: [{ title: 'Answer' }, { title: 'How often', number: true }],
        bars: parts.map(([kind, value]) => ({ name: kind, value, label: count(value), row: [kind, count(value)] })),
      }));
    }
    if (locales.length > 0) {
      drawn.push(barsFigure({
        title: 'Language and region', basis: `the ${inWords(Math.min(shown, locales.length))} most frequent; n = ${plural(n, 'person', 'people')}, ${of}`,
        columns: shareColumns('Locale'), bars: localeBars, wide: true,
      }));
    }
    drawn.push(...whoFigures(who));
    const last = finite(users.lastEvent);
    return section('people', 'What is in the engine',
      words(sentenceOfPeople(users, born, n), last === null ? null : `The latest event is of ${when(last * 1000)}.`),
      h('dl', { class: 'numbers' },
        tile('People', count(n)),
        tile('With a birth year', count(born), n ? share(born / n) : null),
        tile('Friend links', count(users.friendLinks), users.withFriends ? `in the lists of ${plural(users.withFriends, 'person', 'people')}: ${number(users.friendLinks / users.withFriends)} each on average` : null),
        tile('Events and products', count(items.items), items.items ? `${count(items.withStart)} with a known start` : null),
        tile('Answers to them', count(answers), items.invited ? `and ${count(items.invited)} invitations` : null)),
      h('div', { class: 'figures' }, drawn));
  }

  function sentenceOfPeople(users, born, n) {
    const middle = median(users.birthYears);
    const { male = 0, female = 0 } = users.genders;
    const parts = [];
    if (male + female > 0) parts.push(`${share(Math.max(male, female) / n)} are ${male >= female ? 'male' : 'female'}`);
    if (middle !== null) parts.push(`the median year of birth is ${middle}`);
    const top = Object.entries(users.locales).filter(([locale]) => locale !== '').sort((a, b) => b[1] - a[1])[0];
    if (top) parts.push(`the largest part, ${share(top[1] / n)}, uses ${localeName(top[0])}`);
    return `${plural(n, 'person is', 'people are')} known${parts.length ? `: ${listed(parts)}` : ''}.`;
  }

  function birthYears(counts, born, n, of) {
    const years = Object.keys(counts).map(Number);
    const first = Math.min(...years);
    const all = Array.from({ length: Math.max(...years) - first + 1 }, (_, i) => first + i);
    const middle = median(counts);
    const decades = new Map();
    for (const year of years) decades.set(Math.floor(year / 10) * 10, (decades.get(Math.floor(year / 10) * 10) ?? 0) + counts[year]);
    const byDecade = [...decades].sort((a, b) => a[0] - b[0]);
    return figure({
      title: 'Year of birth', basis: `n = ${count(born)} of ${plural(n, 'person', 'people')}; ${count(n - born)} without one; median ${middle}; ${of}`, wide: true, height: 230,
      says: byDecade.map(([decade, value]) => `${decade}s: ${count(value)}`).join('; '),
      numbers: table('Year of birth, by decade', [{ title: 'Decade' }, { title: 'People', number: true }, { title: 'Share', number: true }],
        byDecade.map(([decade, value]) => [`${decade}s`, count(value), share(value / born)])),
      option: colours => ({
        grid: { left: 4, right: 8, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
        xAxis: { type: 'category', data: all.map(String), axisLine: { lineStyle: { color: colours.quiet } }, axisTick: { show: false }, axisLabel: { color: colours.ink } },
        yAxis: { type: 'value', splitNumber: 3, axisLabel: { color: colours.soft, formatter: count }, splitLine: { lineStyle: { color: colours.grid } } },
        tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, backgroundColor: colours.raised, borderColor: colours.quiet, textStyle: { color: colours.ink, fontSize: 12 }, formatter: ([point]) => `${point.name}: ${plural(point.value, 'person', 'people')}` },
        series: [{ type: 'bar', barCategoryGap: '12%', itemStyle: { color: colours.more }, data: all.map(year => counts[year] ?? 0) }],
      }),
    });
  }

  // ---- what drives interest

  const found = q => finite(q) !== null && q <= .05;
  const chance = q => (finite(q) === null ? '' : q < .001 ? 'under 0.1\u00a0%' : share(q));
  const pointsOf = effect => (finite(effect.value) === null ? 'the same all over' : finite(effect.low) === null ? `${points(effect.value)} (interval not known)` : `${points(effect.value, digitsOf(effect))} (${ends(effect)})`);
  const coefficient = value => `${value < 0 && Math.abs(value) >= .005 ? '−' : ''}${Math.abs(value).toFixed(2)}`;
  const correlated = one => (finite(one.r) === null ? '' : finite(one.low) === null ? coefficient(one.r) : `${coefficient(one.r)} (${coefficient(one.low)} to ${coefficient(one.high)})`);
  const upTo = bin => (finite(bin.from) === null ? `below ${number(bin.to)}` : finite(bin.to) === null ? `${number(bin.from)} and more` : `${number(bin.from)} to ${number(bin.to)}`);
  // Of the time to a start in days, where it is days.
  const bandOf = (driver, bin) => {
    const [from, to] = [finite(bin.from), finite(bin.to)];
    if (driver.feature !== 'hours_to_start' || (from ?? 0) % 24 || (to ?? 0) % 24) return upTo(bin);
    return from === null ? (to === 0 ? 'already begun' : upTo(bin)) : from === 0 ? `up to ${number(to)} hours before` : to === null ? `${number(from / 24)} days and more` : `${number(from / 24)} to ${number(to / 24)} days`;
  };
  const byPoints = effect => `${(100 * Math.abs(effect.value)).toFixed(digitsOf(effect))} points ${effect.value < 0 ? 'lower' : 'higher'} (${ends(effect)})`;

  // What was found of a driver after the others are taken into account, the plainest first.
  function plainly(driver) {
    const name = capital(driver.label);
    const more = driver.unit.startsWith('yes') ? 'interest is' : `with ${number(driver.step)} more interest is`;
    const bins = driver.curve.filter(bin => found(bin.adjusted.q)).sort((a, b) => a.adjusted.value - b.adjusted.value);
    const at = bin => `at “${bandOf(driver, bin)}” (${share(bin.rate.value)} of ${count(bin.rate.n)}), ${byPoints(bin.adjusted)} than of the rest of the page`;
    const others = 'after the others are taken into account';
    if (found(driver.adjustedWithin.q)) return `${name}: ${more} ${byPoints(driver.adjustedWithin)} than of what was shown beside it, ${others}.`;
    if (bins.length > 0) return `${name}: it is not “the more the better”. ${capital([bins.at(-1).adjusted.value > 0 ? `interest is highest ${at(bins.at(-1))}` : null, bins[0].adjusted.value < 0 ? `lowest ${at(bins[0])}` : null].filter(Boolean).join('; it is '))}, ${others}.`;
    return `${name}: over all, ${more} ${byPoints(driver.adjustedRaw)}, ${others}, ${finite(driver.within.value) === null ? 'but it is the same for all that one person is shown, so it cannot decide which of that they choose'
      : `but among what was shown together that is gone, or too small to be told from chance (${pointsOf(driver.adjustedWithin)})`}.`;
  }

  const groupName = (category, value) => (category === 'locale' ? localeName(value) : clipped(value));
  const categoryWords = new Map([['locale', 'language and region'], ['place', 'place'], ['age', 'age'], ['persona', 'group'], ['gender', 'gender'], ['platform', 'platform']]);

  // Which groups cannot be told from the first: the largest by name.
  function asHigh(category, groups) {
    const names = groups.filter(group => group.mayBeAsHigh).sort((a, b) => b.rate.n - a.rate.n).map(group => groupName(category, group.value));
    return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${count(names.length - 3)} more` : listed(names);
  }

  function driversSection({ drivers: told, effects }) {
    if (!told) return null;
    const of = `as of ${when(told.asOf)}`;
    if (told.showings === 0) return section('drivers', 'What drives interest', words(`Nothing has been shown to anybody yet, ${of}.`));
    const n = `n = ${plural(told.showings, 'thing', 'things')} shown to ${plural(told.users, 'person', 'people')}, ${of}`;
    const ranked = told.groups.filter(group => ['locale', 'place', 'persona', 'age', 'gender'].includes(group.category) && group.groups.length > 1);
    const leads = ranked.map(({ category, groups: [first, second], groups, firstIsAhead, leftOut, mostShown }) => `By ${categoryWords.get(category)}, it is highest for ${groupName(category, first.value)} (${share(first.shrunk)} expected), `
      + `${firstIsAhead ? `ahead of ${!leftOut ? 'all others' : groups.length === 2 ? groupName(category, second.value) : `the others of the ${count(groups.length)} ${category}s with most shown`} by more than chance` : `though ${asHigh(category, groups)} may be as high`}${mostShown === first.value ? '' : `; most is shown to ${groupName(category, mostShown)}`}.`);
    return section('drivers', 'What drives interest',
      words(`Of what people were shown, ${share(told.interested.value)} (${share(told.interested.low)} to ${share(told.interested.high)}) was of interest to them and ${share(told.notInterested.value)} was turned down; ${n}.`, leads.join(' '),
        told.noSegmentation ? `${capital(told.noSegmentation)}, so that personas are not told apart here.` : null,
        'That one is ahead is only told where chance alone would make any of these look so in 5 of 100 cases at the most. The expected rate of a group draws one of few people towards the rate of all, so that three people do not lead. Its interval may be wider than that of the group’s own rate: how alike what one person does is, it takes from all groups together, of which the group’s own people may be less alike. How much is shown to a group is another thing than how often it is of interest.'),
      h('div', { class: 'figures' }, told.groups.filter(group => ranked.includes(group) || (group.overlaps && group.groups.length > 0)).map(group => barsFigure({
        title: `Expected interest by ${categoryWords.get(group.category)}`, basis: `${group.overlaps ? `one may be on several ${group.category}s, and counts on each: they add up to more than all, and none is told to be ahead; ` : ''}${group.groups.length > 8 ? 'the first 8; ' : ''}${group.leftOut ? `${count(group.leftOut)} more, to which less was shown or which are of too few people, are not told by themselves; ` : ''}${n}`,
        columns: [{ title: capital(categoryWords.get(group.category)) }, { title: 'People', number: true }, { title: 'Shown', number: true }, { title: 'Of all shown', number: true }, { title: 'Of interest', number: true }, { title: 'Expected', number: true }],
        bars: [...group.groups.slice(0, 8).map(one => ({
          name: groupName(group.category, one.value), value: one.shrunk, label: share(one.shrunk),
          row: [groupName(group.category, one.value), count(one.users), count(one.rate.n), share(one.volume), between(one.rate), `${share(one.shrunk)} (${share(one.shrunkLow)} to ${share(one.shrunkHigh)})`],
        })), ...[[`all other ${group.category}s`, group.others], ['not known', group.unknown]].filter(([, one]) => one).map(([name, one]) => ({
          name, value: one.rate.value, quiet: true, label: share(one.rate.value), row: [name, count(one.users), count(one.rate.n), share(one.volume), between(one.rate), ''],
        }))],
      }))),
      ...effectsParts(effects));
  }

  function effectsParts(told) {
    if (!told || told.showings === 0) return [];
    const n = `n = ${plural(told.showings, 'showing', 'showings')} to ${plural(told.users, 'person', 'people')} on ${plural(told.pages, 'page', 'pages')} since ${when(told.since)}, as of ${when(told.asOf)}`;
    const matters = told.drivers.filter(one => found(one.adjustedWithin.q) || one.curve.some(bin => found(bin.adjusted.q)));
    const others = told.drivers.filter(one => !matters.includes(one) && found(one.adjustedRaw.q));
    const bars = told.drivers.filter(one => finite(one.adjustedWithin.value) !== null).map(one => ({ feature: one.label, deviations: 100 * one.adjustedWithin.value }));
    const curves = matters.filter(one => one.curve.length > 2).slice(0, 4);
    return [
      h('h3', { class: 'tablename' }, 'What of a thing makes it interesting'),
      words(`Compared is what was shown to the same person at the same time (a page), so that what differs between people or days cannot pass for what they choose by; and the features are held against interest all at once, so that one that goes together with another cannot pass for it. `
        + `It is a sample: ${n}, of ${count(told.kept)} people of whom the journal still tells. ` + (matters.length ? '' : 'Nothing was found there that could not be chance.')),
      h('ul', { class: 'words' }, [...matters.slice(0, 6), ...others.slice(0, 2)].map(one => h('li', null, plainly(one)))),
      h('div', { class: 'figures' }, bars.length === 0 ? null : figure({
        title: 'By how many points interest is higher, among what was shown together', basis: `by one usual step more (a standard deviation), or yes against no, after the others are taken into account; ${n}`, wide: true,
        says: bars.map(bar => `${bar.feature} ${signed(bar.deviations)}`).join('; '), height: bars.length * 22 + 8,
        option: deviationsOption(bars, { least: Math.min(-.5, ...bars.map(bar => bar.deviations)), most: Math.max(.5, ...bars.map(bar => bar.deviations)) }),
        numbers: table('By how many points', [{ title: 'What' }, { title: 'Points', number: true }], bars.map(bar => [bar.feature, signed(bar.deviations)])),
      }),
      curves.map(one => barsFigure({
        title: `Interest by ${one.label}`, basis: `${one.definition}; n = ${plural(sum(one.curve.map(bin => bin.rate.n)), 'showing', 'showings')}, as of ${when(told.asOf)}`,
        columns: [{ title: capital(one.label) }, { title: 'Of interest', number: true }, { title: 'Against the rest of the page', number: true }, { title: 'After the others', number: true }, { title: 'By chance', number: true }],
        bars: one.curve.map(bin => ({ name: bandOf(one, bin), value: bin.rate.value, label: `${share(bin.rate.value)} of ${count(bin.rate.n)}`, row: [bandOf(one, bin), between(bin.rate), pointsOf(bin.within), pointsOf(bin.adjusted), chance(bin.adjusted.q)] })),
      }))),
      table(`Each effect, in percentage points of interest, by one usual step more (a standard deviation) or yes against no. Intervals are of 95 %; “by chance” is how much of what is told with so small a figure, or a smaller, is chance alone (q, corrected for all tests here); ${n}`,
        [{ title: 'What' }, { title: 'Showings', number: true }, { title: 'Over all', number: true }, { title: 'Among what was shown together', number: true }, { title: 'Shown together, after the others', number: true },
          { title: 'Goes together with interest', number: true, hint: 'Pearson’s correlation, from −1 to 1: along a line' }, { title: 'The same by order alone', number: true, hint: 'Spearman’s correlation, of ranks, from −1 to 1' }],
        told.drivers.filter(isTold).map(one => [h('span', { title: one.definition }, one.label), count(one.pearson.n), effectCell(one.raw), effectCell(one.within), finite(one.within.value) !== null && finite(one.adjustedWithin.value) === null ? 'the others tell all of it' : effectCell(one.adjustedWithin), correlated(one.pearson), correlated(one.spearman)]), { cardwise: true, dense: true }),
      words(sentenceOfUntold(told.drivers)),
      h('details', null, h('summary', null, 'How everything is correlated with everything'), matrixTable(told.matrix, n)),
    ];
  }

  const isTold = driver => finite(driver.raw.value) !== null;

  // How likely chance alone makes as much stands below the effect; what statisticians call it, under the pointer.
  const effectCell = effect => (chance(effect.q) === '' ? pointsOf(effect) : h('span', null, pointsOf(effect), h('br'), h('span', { title: 'q: p corrected for all tests of this table (Benjamini and Hochberg)' }, `by chance ${chance(effect.q)}`)));

  // Of what does not differ between showings, or is known of none, there is no effect.
  function sentenceOfUntold(drivers) {
    const named = some => listed(some.map(one => one.label));
    const [alike, unknown] = [drivers.filter(one => !isTold(one) && one.pearson.n > 0), drivers.filter(one => !isTold(one) && one.pearson.n === 0)];
    return `${alike.length ? `The same in all that was shown, so that nothing can be told of it: ${named(alike)}. ` : ''}${unknown.length ? `Known of nothing that was shown: ${named(unknown)}.` : ''}`;
  }

  // Spearman's coefficients; those that are more than chance are coloured. What has none with anything is left out.
  function matrixTable(pairs, n) {
    const names = [...new Set(pairs.flatMap(pair => [pair.first, pair.second]))].filter(name => pairs.some(pair => (pair.first === name || pair.second === name) && finite(pair.spearman.r) !== null));
    const labels = new Map(pairs.flatMap(pair => [[pair.first, pair.firstLabel], [pair.second, pair.secondLabel]]));
    const byNames = new Map(pairs.flatMap(pair => [[`${pair.first} ${pair.second}`, pair], [`${pair.second} ${pair.first}`, pair]]));
    const cell = (row, column) => {
      const pair = byNames.get(`${row} ${column}`);
      if (!pair || finite(pair.spearman.r) === null) return '';
      const text = h('span', { title: `Spearman ${correlated(pair.spearman)}, by chance ${chance(pair.spearmanQ)}; Pearson ${correlated(pair.pearson)}, by chance ${chance(pair.pearsonQ)}; n = ${count(pair.spearman.n)}` }, coefficient(pair.spearman.r));
      if (found(pair.spearmanQ)) text.className = pair.spearman.r < 0 ? 'less' : 'more';
      return text;
    };
    return table(`How far each two rise and fall together, from −1 to 1 (Spearman’s correlation); in colour where it is more than chance. Each has its interval, Pearson’s correlation and n under the pointer; ${n}`,
      [{ title: '' }, ...names.map(name => ({ title: labels.get(name), number: true }))], names.map(row => [labels.get(row), ...names.map(column => cell(row, column))]), { dense: true });
  }

  // ---- when people are there, and what is planned

  const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
  const clock = hour => `${String(hour).padStart(2, '0')}:00`;
  const sending = best => `${days[best.weekday]}, ${clock(best.from)} to ${clock(best.to)}`;
  const points = (value, digits = 1) => `${value < 0 ? '−' : '+'}${(100 * Math.abs(value)).toFixed(digits)}`;
  // One digit, or as many as show that an interval without 0 has none.
  const digitsOf = ({ low, high }) => (low > 0 || high < 0 ? [1, 2, 3].find(digits => Number((100 * Math.min(Math.abs(low), Math.abs(high))).toFixed(digits)) > 0) ?? 4 : 1);
  const ends = one => `${points(one.low, digitsOf(one))} to ${points(one.high, digitsOf(one))}`;
  const lift = value => (finite(value.value) === null || finite(value.low) === null ? 'not known' : `${points(value.value, digitsOf(value))} points (${ends(value)})`);
  // By name one, or a few that cannot be told apart; null where none stands out.
  const most = (busiest, name) => (busiest.length > 0 && busiest.length <= 3 ? (names => (names.length < 2 ? names[0] : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`))(busiest.map(name)) : null);
  const sent = group => `${sending(group.best)}${group.busiestWeekdays.length > 1 ? ' (another day may be as good)' : ''}`;
  const whyThen = best => ({ interest: 'interest is higher then', activity: `${share(best.share.value)} of what they do is then` }[best.basis] ?? 'too little is known; the early evening is usual');

  // As many columns as names, in their order.
  function columnsFigure({ title, basis, names, values, first, what }) {
    const all = values.reduce((sum, value) => sum + value, 0);
    return figure({
      title, basis, height: 200,
      says: names.map((name, i) => `${name}: ${count(values[i])}`).join('; '),
      numbers: table(title, [{ title: first }, { title: capital(what), number: true }, { title: 'Share', number: true }], names.map((name, i) => [name, count(values[i]), share(values[i] / all)])),
      option: colours => ({
        grid: { left: 4, right: 8, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
        xAxis: { type: 'category', data: names, axisLine: { lineStyle: { color: colours.quiet } }, axisTick: { show: false }, axisLabel: { color: colours.ink } },
        yAxis: { type: 'value', splitNumber: 3, axisLabel: { color: colours.soft, formatter: count }, splitLine: { lineStyle: { color: colours.grid } } },
        tooltip: { show: false },
        series: [{ type: 'bar', barCategoryGap: '12%', itemStyle: { color: colours.more }, data: values }],
      }),
    });
  }

  function whenSection({ when: told }) {
    const everybody = told.groups[0];
    const of = `as of ${when(told.asOf)}`;
    if (everybody.events === 0) return section('when', 'When people are there', words(`Nothing that anybody did has been counted by the hour yet, ${of}.`));
    const n = `n = ${plural(everybody.events, 'event', 'events')} of ${plural(everybody.users, 'person', 'people')}, ${of}`;
    const name = group => (group.category === '' ? 'everybody' : group.category === 'locale' ? localeName(group.value) : group.value);
    const personas = told.groups.filter(group => group.category === 'persona' && group.best.basis !== 'default');
    return section('when', 'When people are there',
      words(`On people’s own clocks ${(weekday => (weekday ? `most is done on ${weekday}` : 'no weekday stands out'))(most(everybody.busiestWeekdays, day => `${days[day]}s`))}, ${(hour => (hour ? `and of the hours most in that from ${hour}` : 'and no hour stands out'))(most(everybody.busiestHours, clock))}: `
        + `one is named alone only where it is told from the next by more than chance. Best sent on ${sent(everybody)}: ${whyThen(everybody.best)}.`,
      told.noSegmentation ? `${capital(told.noSegmentation)}, so that personas are not told apart here.` : null,
      personas.length ? `${personas.map(group => `${name(group)}: ${sent(group)}`).join('; ')}.` : null,
      `The zone is known from the profile of ${count(told.zones.profile)}, taken from the locale’s country of ${count(told.zones.locale)}, and not known of ${count(told.zones.unknown)}, whose clock is told in UTC.`),
      h('div', { class: 'figures' },
        columnsFigure({ title: 'By hour of the day', basis: n, names: everybody.hours.map((_, hour) => String(hour)), values: everybody.hours, first: 'Hour', what: 'events' }),
        columnsFigure({ title: 'By day of the week', basis: n, names: days.map(day => day.slice(0, 3)), values: everybody.weekdays, first: 'Day', what: 'events' }),
        daysFigure(told.days, of)),
      words(peaksOf(told.days), weekPeaksOf(told.days)),
      told.days.peaks.length + told.days.weekPeaks.length === 0 ? null : table(`Days and weeks that stand out, the largest of each first. What is expected of a day is by its weekday and the weeks around, of a week by the weeks around it: they are tested apart, and do not add up; n = ${plural(sum(told.days.counts), 'event', 'events')}, ${of}`,
        [{ title: 'Peak' }, { title: 'Lasts' }, { title: 'Events', number: true }, { title: 'Expected', number: true }, { title: 'Top of it' }, { title: 'Events then', number: true }, { title: 'Times as many as expected then', number: true }, { title: 'Made most by' }],
        [...told.days.weekPeaks.map(peak => [peak, week, 'week']), ...told.days.peaks.map(peak => [peak, namedDay, 'day'])].map(([peak, name, unit]) => [
          peak.from === peak.to ? name(peak.from) : `${name(peak.from)} to ${name(peak.to)}`, plural(peak.lasts, unit, `${unit}s`), count(peak.total), count(peak.totalExpected), name(peak.highest), count(peak.count),
          `${number(peak.excess.value)} (${number(peak.excess.low)} to ${finite(peak.excess.high) === null ? 'any' : number(peak.excess.high)})`, listed(peak.madeBy.map(maker => `${localeName(maker.when)} (${count(maker.count)})`))]), { cardwise: true }),
      table(`When to send, by group. Intervals are of 95 %; ${of}`,
        [{ title: 'Whom' }, { title: 'People', number: true }, { title: 'Events', number: true }, { title: 'Best sent' }, { title: 'Why' }, { title: 'Interest then, less the other hours', number: true }],
        told.groups.map(group => [name(group), count(group.users), count(group.events), sent(group), whyThen(group.best), lift(group.best.lift)]), { cardwise: true }));
  }

  const sum = values => values.reduce((all, value) => all + value, 0);
  const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  const day = text => date.format(new Date(text));
  const dateWithName = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  const namedDay = text => dateWithName.format(new Date(text));

  const week = name => `week ${Number(name.slice(6))} of ${name.slice(0, 4)}`;

  const weekPeaksOf = told => (told.weekPeaks.length === 0 ? 'No week stands out above the weeks around.'
    : `Above the weeks around ${listed([...told.weekPeaks].sort((a, b) => (a.from < b.from ? -1 : 1)).map(peak => `${peak.lasts === 1 ? week(peak.highest) : `${week(peak.from)} to ${week(peak.to)}`} (${count(peak.total)} events where ${count(peak.totalExpected)} were expected)`))} ${told.weekPeaks.length === 1 && told.weekPeaks[0].lasts === 1 ? 'stands' : 'stand'} out.`);

  const peaksOf = told => (told.peaks.length === 0 ? 'No day stands out above what its weekday and the weeks around lead one to expect.'
    : `${capital(plural(told.peaks.length, 'time stands', 'times stand'))} out above what the weekday and the weeks around lead one to expect; most of all `
      + `${told.peaks[0].lasts === 1 ? namedDay(told.peaks[0].highest) : `${day(told.peaks[0].from)} to ${day(told.peaks[0].to)}`}, with ${count(told.peaks[0].total)} events where ${count(told.peaks[0].totalExpected)} were expected`
      + `${told.peaks[0].lasts === 1 ? '' : `; its top day is ${namedDay(told.peaks[0].highest)}, with ${count(told.peaks[0].count)}`}.`);

  function daysFigure(told, of) {
    if (told.counts.length === 0) return null;
    const names = told.counts.map((_, i) => new Date(Date.parse(told.from) + i * 86_400_000).toISOString().slice(0, 10));
    const most = told.counts.indexOf(Math.max(...told.counts));
    return figure({
      title: 'By day', basis: `on people’s own clocks, the last 400 days at the most${told.peaks.length ? '; in another colour what stands out' : ''}; n = ${plural(sum(told.counts), 'event', 'events')}, ${of}`, wide: true, height: 220,
      says: `from ${day(names[0])} to ${day(names.at(-1))}; most on ${day(names[most])}: ${count(told.counts[most])}`,
      numbers: table('The weeks with most', [{ title: 'Week' }, { title: 'Events', number: true }], told.topWeeks.map(week => [week.when, count(week.count)])),
      option: colours => ({
        grid: { left: 4, right: 8, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
        xAxis: { type: 'category', data: names, axisLine: { lineStyle: { color: colours.quiet } }, axisTick: { show: false }, axisLabel: { color: colours.ink, hideOverlap: true } },
        yAxis: { type: 'value', splitNumber: 3, axisLabel: { color: colours.soft, formatter: count }, splitLine: { lineStyle: { color: colours.grid } } },
        tooltip: { show: false },
        series: [{ type: 'bar', barCategoryGap: '12%', barMaxWidth: 24, data: told.counts.map((value, i) => ({ value, itemStyle: { color: told.peaks.some(peak => names[i] >= peak.from && names[i] <= peak.to) ? colours.less : colours.more } })) }],
      }),
    });
  }

  // ---- how firm personas are, how far people get, who carries a word

  const agreement = values => values.reduce((all, value) => all + value, 0) / values.length;

  function depthSection({ personas: told }) {
    if (!told) return null;
    const of = `as of ${when(told.asOf)}`;
    const border = sum(told.personas.map(one => one.border.hits));
    const moved = told.drift.columns.filter(column => finite(column.deviations) !== null);
    const { seeds, bootstraps } = told.stability;
    const stable = seeds.length === 0 ? 'There are too few people to look for the groups again.'
      : `Looked for again among ${count(told.stability.rows)} people, the same groups come out with an agreement of ${agreement(seeds).toFixed(2)} from other beginnings, and of ${agreement(bootstraps).toFixed(2)} `
        + `among people drawn anew, where 1 is the same and 0 is chance. ${Math.min(agreement(seeds), agreement(bootstraps)) > .8 ? 'They are firm.' : Math.min(agreement(seeds), agreement(bootstraps)) > .5 ? 'They are fairly firm.' : 'They are not firm: with other people others would come out.'}`;
    const drifted = told.drift.recompute ? 'People have moved far since then: it is time to recompute.' : 'People have not moved far since then, and nothing needs to be recomputed.';
    const bars = moved.slice(0, 12).map(({ feature, deviations }) => ({ feature, deviations }));
    const came = persona => told.flows.filter(flow => flow.to === persona).map(flow => `${count(flow.users)} from ${flow.from ?? 'no group'}`);
    return section('depth', 'How firm the groups are',
      words(`${count(border)} of ${plural(told.users, 'person', 'people')} (${share(told.users ? border / told.users : 0)}) stand at the border: another group is hardly farther from them than their own. ${stable}`,
        `The groups were found as of ${when(told.madeAsOf)}. ${drifted}`),
      moved.length === 0 ? null : h('div', { class: 'figures' }, figure({
        title: 'How far people have moved since the groups were found, in standard deviations', basis: `n = ${plural(told.users, 'person', 'people')}, ${of}; from ${told.drift.columnTrigger} on it is time to recompute`, wide: true,
        says: bars.map(bar => `${nameOf(bar.feature)} ${bar.deviations.toFixed(2)}`).join('; '), height: bars.length * 22 + 8,
        option: deviationsOption(bars, { least: Math.min(-.5, ...bars.map(bar => bar.deviations)), most: Math.max(.5, ...bars.map(bar => bar.deviations)) }),
        numbers: table('How far people have moved', [{ title: 'Feature' }, { title: 'Deviations', number: true }], moved.map(bar => [nameOf(bar.feature), bar.deviations.toFixed(3)])),
      })),
      table(`Personas of version ${told.modelVersion}${told.previousVersion ? `, and whence their people came from version ${told.previousVersion}` : ''}. Intervals are of 95 %; ${of}`,
        [{ title: 'Persona' }, { title: 'People', number: true }, { title: 'At the border', number: true }, ...(told.previousVersion ? [{ title: 'Came' }] : [])],
        told.personas.map(one => [one.persona, count(one.users), between(one.border), ...(told.previousVersion ? [listed(came(one.persona))] : [])]), { cardwise: true }));
  }

  // A rate with its interval and what it is of.
  const between = rate => (finite(rate.value) === null ? '' : `${share(rate.value)} (${share(rate.low)} to ${share(rate.high)}) of ${count(rate.n)}`);
  const stepWords = new Map([['shown', 'were shown something'], ['viewed', 'viewed something'], ['interested', 'were interested'], ['yes', 'said yes'], ['came', 'came to something'], ['purchased', 'bought something']]);
  const long = seconds => (seconds < 120 ? `${count(seconds)}\u00a0s` : seconds < 7_200 ? `${count(seconds / 60)}\u00a0min` : seconds < 172_800 ? `${count(seconds / 3_600)}\u00a0h` : `${count(seconds / 86_400)}\u00a0days`);

  // How many took each step, of those before it, and how long half of them took at the most.
  const funnelTable = (by, told, of) => table(`By ${by === 'persona' ? by : categoryWords.get(by)}: how many took each step, of those before it, and how long half of them took at the most, rounded up to the next power of two of a second${told.overlaps ? '. Who is on several counts in each: they add up to more than everybody. What was paid counts where it was paid' : ''}; ${of}`,
    [{ title: 'Whom' }, ...told.steps.map(step => ({ title: capital(stepWords.get(step) ?? step), number: true })), { title: 'Paid by all who began', number: true }, { title: 'Of it by who came to the end', number: true }],
    told.groups.map(group => [group.isRest ? `all other ${by}s` : group.isUnknown ? 'not known' : group.value === '' ? 'everybody' : groupName(by, group.value), ...group.reached.map((one, step) => `${count(one.users)}${step && one.ofBefore.n ? ` · ${share(one.ofBefore.value)}` : ''}${one.medianWait === null ? '' : `, ${long(one.medianWait)}`}${one.notYet ? `, ${count(one.notYet)} not yet` : ''}`), number(group.spent / 10_000), number(group.spentToEnd / 10_000)]), { cardwise: true });

  function funnelSection({ funnel: told, funnelToCome, funnelsBy }) {
    if (!told || told.steps.length < 2) return null;
    const of = `as of ${when(told.asOf)}`;
    // Who buys something need not come to anything before: each way is told by itself.
    const toCome = told.steps.at(-1) === 'purchased' && ['yes', 'came'].includes(funnelToCome?.steps.at(-1)) ? funnelToCome : null;
    return section('funnel', 'How far people get', wayParts(told), toCome ? [h('h3', { class: 'tablename' }, 'And on the way to coming'), ...[wayParts(toCome, ', on the way to coming')].flat()] : null,
      Object.entries(funnelsBy).filter(([, one]) => one?.groups.length > 1).map(([by, one]) =>
        h('details', null, h('summary', null, `How far people get by ${categoryWords.get(by)}`), funnelTable(by, one, `those with most people first, ${of}`))));
  }

  function wayParts(told, way = '') {
    const everybody = told.groups[0];
    const of = `as of ${when(told.asOf)}`;
    const hours = told.windowSeconds / 3_600;
    const within = hours === 168 ? 'a week' : plural(hours, 'hour', 'hours');
    const names = told.steps.map(step => stepWords.get(step) ?? step);
    if (everybody.users === 0) return words(`Of nobody it is known that they ${names[0]}, ${of}.`);
    const later = everybody.reached.map((one, step) => ({ one, step })).slice(1);
    const worst = later.filter(({ one }) => finite(one.ofBefore.value) !== null).sort((a, b) => a.one.ofBefore.value - b.one.ofBefore.value)[0];
    const waits = later.filter(({ one }) => one.medianWait !== null).map(({ one, step }) => `half of those who ${names[step]} did so within ${long(one.medianWait)} of the step before`);
    return [
      words(`${everybody.reached[0].ofFirst.n === 0 ? `${plural(everybody.users, 'person', 'people')} ${names[0]}, and of ${listed(later.map(({ one, step }) => `${count(one.users)} it is known that they ${names[step]}`))}; ${within} ${[1, 168].includes(hours) ? 'has' : 'have'} passed for nobody yet, so that there is no share to tell. `
        : `Of ${plural(everybody.reached[0].ofFirst.n, 'person who', 'people who')} ${names[0]}, ${listed(later.map(({ one, step }) => `${share(one.ofFirst.value)} ${names[step]}`))}, each after the step before, within ${within} of the first. `}`
        + (worst ? `Most are lost before the step “${told.steps[worst.step]}”, which ${share(worst.one.ofBefore.value)} of those before it took. ` : '') + (waits.length ? `${capital(waits.join('; '))}. ` : '') + (sum(everybody.reached.map(one => one.notYet ?? 0)) ? `${capital(plural(sum(everybody.reached.map(one => one.notYet ?? 0)), 'person', 'people'))} may still go on, for their time is not over; shares are of those whose time is over. ` : '')
        + (everybody.spent > 0 ? `Within ${within} of the first, all ${plural(everybody.users, 'person', 'people')} who ${names[0]} paid ${number(everybody.spent / 10_000)}; of that the ${count(everybody.reached.at(-1).users)} who came to the end paid ${number(everybody.spentToEnd / 10_000)}.` : ''),
      `Counted are ${plural(told.events, 'event', 'events')} among each person’s latest steps${told.since ? `, since ${when(told.since)}` : ''}.`),
      h('div', { class: 'figures' }, barsFigure({
        title: `How many took every step up to each${way}`, basis: `in order, within ${within}; n = ${plural(everybody.users, 'person', 'people')}, ${of}`, wide: true,
        columns: [{ title: 'Step' }, { title: 'People', number: true }, { title: 'Of the first' }, { title: 'Of those before' }],
        bars: everybody.reached.map((one, step) => ({ name: names[step], value: one.users, label: `${count(one.users)}${one.ofFirst.n ? ` · ${share(one.ofFirst.value)}` : ''}`, row: [names[step], count(one.users), between(one.ofFirst), step ? between(one.ofBefore) : ''] })),
      })),
      funnelTable('persona', told, of),
    ];
  }

  const methods = new Map([['imm', 'chosen for their reach together'], ['degree', 'those with most friends'], ['pagerank', 'those whose friends are well connected']]);
  const methodNames = new Map([['imm', 'influence maximisation (IMM)'], ['degree', 'degree'], ['pagerank', 'PageRank']]);

  function influencersSection(state) {
    const told = state.influencers;
    const of = told ? `as of ${when(told.asOf)}` : '';
    if (!told) {
      if (saved) return null;
      const button = h('button', { type: 'button', id: 'carriers' }, 'Find them');
      button.addEventListener('click', findCarriers);
      return section('influencers', 'Who carries a word',
        words('Through whom a word would reach most, from friend to friend. That is looked for in everybody’s list of friends, and may take a while.'), h('p', null, button), h('p', { class: 'notice bad', id: 'carriersFailure', role: 'alert', hidden: '' }));
    }
    const chosen = told.methods[0];
    if (!chosen) return section('influencers', 'Who carries a word', words(`There is nobody to ask, ${of}.`));
    const others = told.methods.slice(1).map(one => `${methods.get(one.method)} would reach ${number(one.reach.value)}`);
    return section('influencers', 'Who carries a word',
      words(`Among ${plural(told.people, 'person', 'people')} with ${plural(told.pairs, 'friendship', 'friendships')} these ${inWords(chosen.people.length)} are expected to reach ${number(chosen.reach.value)} `
        + `(${number(chosen.reach.low)} to ${number(chosen.reach.high)}) together, counting nobody twice. For comparison, ${listed(others)}${others.length && told.methods.slice(1).every(one => one.reach.high >= chosen.reach.low) ? ': among these people it hardly matters how they are chosen' : ''}.`,
      'That is a model of how a word passes, not a measurement: it serves to choose people, not to promise numbers. Who forbade that what they do is kept is left out.',
      `By name the methods are: ${told.methods.map(one => `${methodNames.get(one.method)}, ${methods.get(one.method)}`).join('; ')}.`),
      h('div', { class: 'figures' }, barsFigure({
        title: 'Expected reach', basis: `as many people by each method; n = ${plural(told.people, 'person', 'people')}, ${of}`, wide: true,
        columns: [{ title: 'How chosen' }, { title: 'Reach', number: true }],
        bars: told.methods.map(one => ({ name: methods.get(one.method), value: one.reach.value, label: number(one.reach.value), row: [methods.get(one.method), `${number(one.reach.value)} (${number(one.reach.low)} to ${number(one.reach.high)})`] })),
      })),
      table(`Whom to ask, in this order; n = ${plural(told.people, 'person', 'people')}, ${of}`,
        [{ title: 'Who' }, { title: 'Friends among them', number: true }, { title: 'Would reach alone', number: true }, { title: 'Adds to those before', number: true }],
        chosen.people.map(one => [one.user, count(one.friends), number(one.alone), number(one.added)]), { cardwise: true }));
  }

  async function findCarriers() {
    $('carriers').disabled = true;
    $('carriers').textContent = 'Looking …';
    try {
      state = { ...state, influencers: await get(`/api/insights/influencers?count=${carriers}`) };
      show(state);
    } catch (error) {
      $('carriers').disabled = false;
      $('carriers').textContent = 'Find them';
      $('carriersFailure').textContent = error.message;
      $('carriersFailure').hidden = false;
      if (error.status === 401) fail(error);
    }
  }

  // What members do who give the answer by which a campaign is judged: of one message, of all since it was planned, and of what is shown to them.
  const measures = new Map([
    ['interested', ['are interested', 'were interested in something', 'is interested in']], ['not_interested', ['turn it down', 'turned something down', 'turns down']],
    ['yes', ['say yes', 'said yes', 'says yes to']], ['purchased', ['buy', 'bought something', 'buys']], ['taken_up', ['say yes or buy', 'said yes or bought something', 'says yes to or buys']],
  ]);

  function campaignsSection({ campaigns, strategies }) {
    const fits = strategies.matches.filter(match => match.fits);
    const proposals = fits.length ? `${fits.map(match => `“${match.strategy}” fits ${match.persona}`).join('; ')}. auie campaigns plan says what one comes to, and keeps it with --store.`
      : strategies.noSegmentation ? `${capital(strategies.noSegmentation)}: strategies are held against groups once there are any.` : 'No strategy of the library fits any group.';
    if (campaigns.length === 0) return section('campaigns', 'Campaigns', words('No campaign is planned.', proposals));
    // Before its first message was due it cannot have changed anything.
    const measured = campaigns.filter(one => one.firstSend && one.result && Date.parse(one.result.asOf) > Date.parse(one.firstSend) && finite(one.result.difference.value) !== null);
    const found = measured.filter(one => one.result.found);
    return section('campaigns', 'Campaigns',
      words(`${capital(plural(campaigns.length, 'campaign is', 'campaigns are'))} planned. ${found.length === 0 ? 'Of none can it be told yet that it changed anything.'
        : found.map(({ id, strategy, persona, result }) => `${strategy} for ${persona} (${id}): ${share(result.treated.value)} of those treated ${measures.get(result.measure)[1]}, ${share(result.leftAlone.value)} of those left alone.`).join(' ')}`, proposals),
      campaigns.map(one => h('div', null, h('h3', { class: 'tablename' }, `${one.id}: ${one.strategy} for ${one.persona}`), words(campaignWords(one)))),
      table('Campaigns, the newest first', [{ title: 'Campaign' }, { title: 'Planned' }, { title: 'First sent' }, { title: 'Treated', number: true }, { title: 'Left alone', number: true }, { title: 'Expected answers', number: true },
        { title: 'Answered, treated', number: true }, { title: 'Answered, left alone', number: true }, { title: 'Difference', number: true }, { title: 'As of' }],
      campaigns.map(({ id, madeAt, asOf, firstSend, audience, expected, result }) => [id, when(madeAt), firstSend ? when(firstSend) : '', count(audience.treated), count(audience.leftAlone),
        finite(expected.answers.value) === null ? 'not known' : `${number(expected.answers.value)} (${number(expected.answers.low)} to ${number(expected.answers.high)})`,
        ...!result ? ['', '', ''] : hasMore({ asOf, result }) ? [rateOf(result.treated), rateOf(result.leftAlone), lift(result.difference)] : Array(3).fill('nothing since'), result ? when(result.asOf) : '']), { cardwise: true }));
  }

  // Nothing may have come in since the campaign was planned: then no answer can have been counted, and 0 of so many would look like one.
  const hasMore = ({ asOf, result }) => Date.parse(result.asOf) > Date.parse(asOf) || result.treated.hits + result.leftAlone.hits > 0;

  const beginning = ({ asOf, firstSend, result }) => (!result ? '' : !hasMore({ asOf, result }) ? ` Nothing has come in since it was planned: the last event is of ${when(result.asOf)}, and what it changes is not told yet.`
    : firstSend && Date.parse(result.asOf) <= Date.parse(firstSend) ? ` Its first message goes ${when(firstSend)}: what members did up to ${when(result.asOf)} is without it.` : '');

  const rateOf = rate => (!rate || finite(rate.value) === null ? '' : `${share(rate.value)} of ${count(rate.n)}`);

  // When it is really sent: the strategy's rule, and each one's clock, may make that other days and hours than the group's best.
  const sentWhen = one => (one.sentWhen ? `Sent ${one.sentWhen}, on their own clocks` : one.firstSend ? `The first is sent ${when(one.firstSend)}, the last ${when(one.lastSend)}` : 'Sent')
    + ` (the group’s best time is ${sending(one.time)})`;

  function campaignWords(one) {
    const { audience, channels, expected } = one;
    const [does, , doesTo] = measures.get(one.measure);
    const falls = one.measure === 'not_interested';
    const drawn = finite(one.holdoutDrawn ?? null);
    const baseline = expected.baseline;
    const isMuch = expected.detectable > (falls ? baseline : Math.min(baseline, 1 - baseline)) / 4 || (!falls && finite(expected.answers.value) !== null && expected.detectable > expected.answers.value / audience.treated);
    const outcomes = (expected.outcomes ?? []).map(told => ` Of ${count(told.sent)} who are sent ${told.outcome === 'purchased' ? 'products' : 'events'}, ${told.answers.value.toFixed(1)} are expected to ${told.outcome === 'purchased' ? 'buy one' : 'say yes'} (${count(told.answers.low)} to ${count(told.answers.high)}; ${share(told.byMember.value)} a member, n = ${count(told.members)}).`).join('');
    const through = Object.entries(channels).filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]).map(([channel, value]) => `${count(value)} by ${channel || 'a channel that is not known'}`);
    const left = audience.noTracking + audience.reached + (audience.aside ?? 0);
    const sent = one.sendsNothing ? 0 : audience.treated - one.withoutItems;
    const reasons = [[audience.noTracking, 'forbade tracking'], [audience.reached, `are reached often enough by other campaigns${audience.aside === null ? ', or left alone by them' : ''}`], [audience.aside, 'are left alone by other campaigns, to compare with']];
    return `Of ${plural(audience.segment, 'member', 'members')} ${count(sent)} are sent something, ${sent < audience.treated ? `${count(audience.treated - sent)} would be, but nothing fits, ` : ''}${count(audience.leftAlone)} are left alone to compare with${one.holdout > 0 ? ` (each with a chance of ${share(one.holdout)}${drawn === null ? '' : `, which drew ${share(drawn)}`})` : ''}, ${count(left)} are left out`
      + `${left ? ` (${reasons.filter(([value]) => value > 0).map(([value, why]) => `${count(value)} ${why}`).join(', ')})` : ''}. ${one.sendsNothing ? `Nothing is sent to anybody: ${one.sendsNothing}` : `${sentWhen(one)}${through.length ? `, ${listed(through)}` : ''}`}`
      + `${one.items.length && !one.sendsNothing ? `: ${one.ownItems ? `${one.itemsSample < audience.treated ? 'at each place what suits most of some who were asked there' : 'each what suits them'}, most often ${listed(one.items.slice(0, 5).map(item => `${item.title || item.id} (${count(item.sample)})`))}${one.withoutItems ? `; for ${count(one.withoutItems)} nothing fits` : ''}`
        : listed(one.items.map(item => `${item.title || item.id}${one.itemsSample ? ` (suits ${count(item.sample)} of ${count(one.itemsSample)} who were asked)` : ''}`))}` : ''}.${one.timeRule ? ` When: ${one.timeRule}. Through: ${one.channelRule}.` : ''}${one.offer ? ` Offered: ${one.offer} That is: ${one.offeredItems}.` : ''} `
      + (audience.leftAlone === 0 ? 'What it changes will not be known, for nobody is left alone.'
        : finite(baseline) === null ? 'How many would do so by themselves is not known, for of no member it is known since when they have been seen; nor is it how large a change would be seen.'
        : finite(expected.detectable) === null ? 'They are too few for any difference to be seen in four of five such campaigns.' : `Judged by how many ${does}${falls ? ', of whom fewer are better' : ''}: a ${falls ? 'fall' : 'rise'} of ${(100 * expected.detectable).toFixed(1)} points or more is seen in four of five such campaigns, from ${share(baseline)} of members who would do so by themselves.${isMuch ? ` That is much: a smaller one would hardly be told from chance. To see one, ${one.holdout < mostLeftAlone ? 'leave more alone, or ' : ''}plan it for more members.` : ''}`)
      + `${outcomes} Planned as of ${when(one.asOf)}${outcomes || finite(expected.byMember?.value ?? null) === null ? '' : `; as before, a member ${doesTo} ${share(expected.byMember.value)} of what they are shown (${share(expected.byMember.low)} to ${share(expected.byMember.high)}, n = ${plural(expected.members, 'member', 'members')}, each counted alike)`}.${beginning(one)}`;
  }

  // Not a column: what was wrong with rows that were refused for no one cell’s sake.
  const wholeRow = '(whole row)';

  const fieldWords = new Map([['birthyear', 'year of birth'], ['joinedAt', 'date of joining'], ['timezone', 'time zone']]);

  // What profiles lack, and what came in and was refused, whether it was imported or sent.
  function heldQuality(told) {
    const { received } = told;
    const refused = received ? total(received.refused) : 0;
    const n = `n = ${plural(told.users, 'person', 'people')}, as of ${when(told.asOf)}`;
    const gaps = told.fields.filter(one => one.missing.hits > 0).sort((a, b) => b.missing.hits - a.missing.hits);
    const odd = told.fields.filter(one => one.suspicious.length > 0);
    return [
      told.users === 0 ? null : words((gaps.length === 0 ? 'Every profile is complete. ' : `Not known are ${listed(gaps.map(one => `the ${fieldWords.get(one.field) ?? one.field} of ${share(one.missing.value)}`))}. `)
        + (odd.length ? `Something looks wrong in ${listed(odd.map(one => fieldWords.get(one.field) ?? one.field))}.` : 'Nothing that is known looks wrong.')),
      told.users === 0 ? null : table(`What profiles say; ${n}`, [{ title: 'What' }, { title: 'Known', number: true }, { title: 'Missing', number: true }, { title: 'Kept, but suspicious' }],
        told.fields.map(one => [h('span', { title: one.definition }, fieldWords.get(one.field) ?? one.field), count(one.known), `${count(one.missing.hits)} · ${share(one.missing.value)}`, findings(one.suspicious)]), { cardwise: true }),
      !received ? null : words(`Over HTTP, since it started (${when(received.since)}), this process of the engine accepted ${plural(received.accepted, 'event', 'events')}, of which it knew ${count(received.known)} from before, and refused ${count(refused)}; `
        + `${count(received.late)} came more than ${long(received.lateAfterSeconds)} after their own time, and ${plural(received.leftOut, 'property that did not fit was', 'properties that did not fit were')} left out. What a demo or another process brought in is not among them.`),
      !received || refused === 0 ? null : table(`What was refused, and why, since ${when(received.since)}`, [{ title: 'Field' }, { title: 'Why' }, { title: 'Events', number: true }],
        received.refused.map(one => [one.field, one.reason, count(one.count)]), { cardwise: true }),
      !received || Object.keys(received.kinds).length === 0 ? null : table(`Events about people that were accepted, by kind, since ${when(received.since)}; “other” is what no rule says the meaning of`, [{ title: 'Kind' }, { title: 'Events', number: true }],
        Object.entries(received.kinds).sort((a, b) => b[1] - a[1]).map(([kind, value]) => [kind.replaceAll('_', ' '), count(value)])),
    ].filter(Boolean);
  }

  function qualitySection({ quality }) {
    return section('quality', 'How good the data is', heldQuality(quality), quality.imports.map(report => {
      const rejected = report.tables.reduce((sum, one) => sum + one.columns.reduce((cells, column) => cells + total(column.rejected), 0), 0);
      const columns = report.tables.flatMap(one => one.columns).filter(one => one.column !== wholeRow);
      const gaps = columns.filter(column => column.missing > 0).length;
      return [
        words(`The import “${report.source}” ended on ${when(report.endedAt)} and took ${took(report.seconds)}. It read ${count(report.facts)} facts; `
          + `${count(gaps)} of ${count(columns.length)} columns have gaps, and ${rejected === 0 ? 'nothing was refused' : `${plural(rejected, 'row or value was', 'rows or values were')} refused`}. `
          + `${count(report.ids)} ids occur in it, of which ${count(report.knownUsers)} are people with a profile. `
          + `Of ${count(report.friendLinks)} friend links ${count(report.knownFriendLinks)} lead to them; of ${count(report.answers)} answers and invitations ${count(report.knownAnswers)} are by or to them.`),
        report.tables.map(tableQuality),
      ];
    }).flat(3), quality.imports.length ? null : words('Nothing has been imported in bulk. Events that come one by one are checked as they come; what is wrong with one is told to its sender, and counted.'));
  }

  const total = findings => findings.reduce((sum, finding) => sum + finding.count, 0);

  const findings = list => (list.length === 0 ? '' : h('ul', null, list.map(finding => h('li', null, `${finding.reason}: ${count(finding.count)}`,
    finding.examples.length ? h('span', { class: 'example' }, `, as ${finding.examples.map(example => `“${example}”`).join(', ')}`) : null))));

  function tableQuality(report) {
    const odd = report.columns.filter(column => column.missing > 0 || column.rejected.length > 0 || column.suspicious.length > 0);
    const sound = report.columns.filter(column => !odd.includes(column)).map(column => column.column);
    const summary = `${plural(report.rows, 'row', 'rows')} read, ${report.rejectedRows === 0 ? 'none' : count(report.rejectedRows)} refused`;
    return [
      h('h3', { class: 'tablename' }, report.table),
      h('p', { class: 'basis' }, `${summary}${sound.length ? `; complete and sound: ${listed(sound)}` : ''}.`),
      odd.length === 0 ? null : table(`${report.table}: ${summary}`,
        [{ title: 'Column' }, { title: 'Missing', number: true }, { title: 'Imputed', number: true }, { title: 'What is done about it' }, { title: 'Refused' }, { title: 'Kept, but suspicious' }],
        odd.map(column => [column.column, column.missing === 0 ? '0' : `${count(column.missing)}${column.missing <= report.rows ? ` · ${share(column.missing / report.rows)}` : ''}`,
          count(column.imputed ?? 0), column.missing + (column.imputed ?? 0) === 0 ? '' : `${column.treatment}${column.imputedAs ? `; in its place ${column.imputedAs}` : ''}`, findings(column.rejected), findings(column.suspicious)]), { cardwise: true, titled: false }),
    ].filter(Boolean);
  }

  function emptySection() {
    const command = text => h('p', { class: 'commands' }, h('code', null, text));
    return section('empty', 'Bring people in',
      words('As soon as there is somebody in the engine, this page shows them. On the machine of the engine, one of these brings data in:'),
      h('h3', null, 'From tables'), command('./auie import event-challenge FOLDER'),
      h('h3', null, 'From your site, event by event'),
      command(`curl -fsS ${saved ? 'http://ENGINE' : location.origin}/api/events -H 'Content-Type: application/json' -d '{"events":[\n  {"userId":"ann","messageId":"1","kind":"interested","at":"2026-05-01T09:00:00Z","item":"concert-7"}]}'`),
      h('h3', null, 'A made-up world of 38,000 people, to look around in'), command('dotnet run -c Release --project src/Silo -- demo'));
  }

  function noPersonas() {
    return section('personas', 'Personas', words(saved ? 'No groups have been found yet.' : 'No groups have been found yet. “Recompute”, below, finds them.'));
  }

  // ---- the whole

  function show(state) {
    const { overview, segmentation, readAt } = state;
    // Everything is as of the last event, as what the engine tells of it is.
    const last = finite(overview.users.lastEvent);
    // By the engine's clock, not by that of who reads.
    const isAhead = last !== null && last * 1000 - new Date(state.when?.asOf ?? NaN) > 1000;
    const asOf = when(isAhead ? state.when.asOf : last === null ? readAt : last * 1000);
    const n = overview.users.users;
    const empty = n === 0 && overview.items.items === 0;
    $('headline').textContent = empty ? 'Nobody is in the engine yet' : segmentation ? `${capital(inWords(segmentation.k))} kinds of people among your users` : 'Who your users are';
    $('summary').textContent = empty ? 'It runs, and waits for data.'
      : segmentation ? summaryOf(state, n) : `${plural(n, 'person', 'people')} so far; groups have not been found yet.`;
    const lastWords = last === null ? '' : isAhead ? ` The last event is of a time to come, ${when(last * 1000)}: all figures are as of now.` : ` The last event is of ${asOf}: all figures are as of it.`;
    $('asof').textContent = saved ? `A report of the state on ${when(readAt)}. It does not change.${lastWords}` : `Read from the running engine on ${when(readAt)}.${lastWords}`;
    $('nocharts').hidden = Boolean(charts) || empty;
    clearFigures();
    $('content').replaceChildren(...(empty ? [emptySection()] : [
      ...(segmentation ? [personasSection(state, asOf), centroidsSection(state), silhouetteSection(state)] : [noPersonas()]),
      depthSection(state), peopleSection(state, asOf), driversSection(state), funnelSection(state), whenSection(state), influencersSection(state), campaignsSection(state)].filter(Boolean)), ...(empty && overview.imports.length === 0 && !state.quality.received?.refused.length ? [] : [qualitySection(state)]));
    showJobs(state);
    $('somebody').hidden = Boolean(saved) || n === 0;
    for (const link of document.querySelectorAll('#sections a')) link.hidden = !document.querySelector(`${link.getAttribute('href')}:not([hidden])`);
    $('sections').hidden = false;
    $('foot').textContent = `AUIE, the Adaptive User Interaction Engine, version ${state.engine.version.split('+')[0]}`;
    if (charts) draw();
  }

  function summaryOf({ segmentation, live }, n) {
    const { segments, k } = segmentation;
    const grouped = segments.reduce((sum, segment) => sum + (live.get(segment.segment)?.size ?? 0), 0);
    const largest = segments.map((segment, place) => ({ place, share: live.get(segment.segment)?.share ?? segment.share })).sort((a, b) => b.share - a.share)[0];
    const names = named(segments.map(segment => segment.persona));
    const groups = `${k === 1 ? 'one group' : `${inWords(k)} groups`}: ${listed(names)}`;
    const who = live.size < segments.length || grouped >= n ? `${plural(n, 'person', 'people')} in ${groups}`
      : `${plural(n, 'person is', 'people are')} known; ${count(grouped)} of them${segmentation.rowsAre === 'answer' ? ', to whom something was shown,' : ''} are in ${groups}`;
    return `${who}. The largest is ${names[largest.place]}, with ${share(largest.share)} of them.`;
  }

  // What an answer of recommendations says, as a table of what and why.
  function personOf(user, found) {
    const money = price => (price === null || price === undefined ? '' : price === 0 ? 'free' : number(price));
    const about = [`${found.persona ? `In the group ${found.persona}` : 'In no group'}`, user ? plural(user.friends, 'friend', 'friends') : 'nothing has arrived of this user']
      .join('; ');
    return h('div', null, h('h3', null, found.userId), words(`${about}. Recommended as of ${when(found.asOf)}, the best of ${count(found.candidates)} candidates:`),
      found.items.length === 0 ? words('There is nothing to recommend.') : table(`Recommendations for ${found.userId}`,
        [{ title: 'What' }, { title: 'When' }, { title: 'Where' }, { title: 'Price', number: true }, { title: 'Why' }],
        found.items.map(item => [item.title ?? item.id, item.start ? when(item.start) : '', item.city ?? '', money(item.price), capital(item.reasons.join('; '))]), { cardwise: true, titled: false }));
  }

  function showJobs({ engine, jobs, overview }) {
    const nobody = overview.users.users === 0;
    $('recompute').hidden = Boolean(saved) || nobody;
    $('jobs-title').textContent = saved || nobody ? 'Recent jobs' : 'Recompute';
    $('jobs').hidden = jobs.length === 0 && (Boolean(saved) || nobody);
    const states = { queued: 'waiting', running: 'running', succeeded: 'done', failed: 'failed', cancelled: 'cancelled', kept: 'nothing better found' };
    $('joblist').replaceChildren(jobs.length === 0 ? h('p', { class: 'hint words' }, 'No job has been run yet.') : table('Recent jobs, the newest first',
      [{ title: 'Started' }, { title: 'By what' }, { title: 'Groups' }, { title: 'State' }, { title: 'Took', number: true }],
      jobs.map(job => [when(job.createdAt), job.request.kind === 'train' ? 'what was recommended' : job.request.table ? `table ${job.request.table}` : job.request.features ?? engine.defaultFeatures,
        job.request.kind === 'train' ? '' : job.request.kMin === job.request.kMax ? String(job.request.kMin) : `${job.request.kMin} to ${job.request.kMax}`,
        h('span', { class: job.state === 'failed' ? 'bad-text' : null }, `${states[job.state] ?? job.state}${job.error ? `: ${job.error}` : ''}`),
        job.endedAt ? took((new Date(job.endedAt) - new Date(job.createdAt)) / 1000) : '']), { cardwise: true }));
    if (saved) return;
    const select = $('features');
    const before = select.value;
    select.replaceChildren(...engine.featureSets.map(set => h('option', { value: set.name }, set.name)));
    select.value = engine.featureSets.some(set => set.name === before) ? before : engine.defaultFeatures;
    $('kmin').max = $('kmax').max = engine.limits.clusters;
    hintFeatures(engine);
  }

  function hintFeatures(engine) {
    const set = engine.featureSets.find(one => one.name === $('features').value);
    $('featuresHint').textContent = set ? `Compares ${set.rowsAre === 'answer' ? 'single answers' : 'people'} by ${listed(set.columns.map(nameOf))}.` : '';
  }

  if (saved) {
    const live = new Map(saved.segments.map(segment => [segment.segment, segment]));
    show({ ...saved, live, readAt: saved.madeAt });
    watchTheme();
    return;
  }

  // ---- the running engine

  class Refused extends Error {
    constructor(status, code, sentence) {
      super(sentence);
      this.status = status;
      this.code = code;
    }
  }

  function headers(more) {
    const key = sessionStorage.getItem(keySlot);
    return key ? { ...more, Authorization: `Bearer ${key}` } : { ...more };
  }

  async function send(path, options = {}) {
    let response;
    try {
      response = await fetch(path, { cache: 'no-store', ...options, headers: headers(options.headers) });
    } catch {
      throw new Refused(0, 'unreachable', 'The engine does not answer. It may be stopped, or the connection broken; read again in a moment.');
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw new Refused(response.status, problem.code, problem.detail ?? `The engine answered with status ${response.status}.`);
  }

  const get = async path => (await send(path)).json();

  // The rest is shown whether or not there is room for what takes long.
  const ifThereIsRoom = path => get(path).catch(error => { if ([404, 429, 503].includes(error.status)) return null; throw error; });

  let state = null;
  let reading = null;

  async function read() {
    const [engine, overview, { jobs }] = await Promise.all([get('/api/engine'), get('/api/overview'), get('/api/jobs')]);
    const [when, strategies, list] = await Promise.all([get('/api/insights/when'), get('/api/strategies'), get('/api/campaigns')]);
    const campaigns = await Promise.all(list.campaigns.slice(0, campaignsShown).map(async one => ({ ...one, result: await get(`/api/campaigns/${one.id}/result`).catch(() => null) })));
    const segmentation = overview.segmentationVersion > 0 ? await get('/api/segments') : null;
    // Sizes are asked for one by one; where a new model came in between they are of another version, and those of the model are shown.
    const now = segmentation ? await Promise.all(segmentation.segments.map(({ segment }) => get(`/api/segments/${segment}`).catch(() => null))) : [];
    const live = new Map(now.filter(segment => segment?.version === segmentation.version).map(segment => [segment.segment, segment]));
    const funnelBy = (by, to) => get(`/api/funnels/ordered?${[by && `by=${by}`, to && `to=${to}`].filter(Boolean).join('&')}`);
    const [quality, who, drivers, effects, personas, funnel, funnelToCome, ...ways] = await Promise.all([
      get('/api/insights/quality'),
      get('/api/insights/who'),
      get('/api/insights/drivers'),
      ifThereIsRoom('/api/insights/effects'),
      segmentation ? ifThereIsRoom('/api/insights/personas') : null,
      funnelBy(segmentation ? 'persona' : null),
      funnelBy(segmentation ? 'persona' : null, 'came'),
      ...waysOfFunnels.map(by => funnelBy(by))]);
    const funnelsBy = Object.fromEntries(waysOfFunnels.map((by, i) => [by, ways[i]]));
    return { engine, overview, jobs, segmentation, live, when, strategies, campaigns, quality, who, drivers, effects, personas, funnel, funnelToCome, funnelsBy, influencers: null, readAt: Date.now() };
  }

  // Whether it was read and is shown now.
  function refresh() {
    reading ??= (async () => {
      $('refresh').disabled = true;
      try {
        state = await read();
        $('failure').hidden = true;
        $('keyform').hidden = true;
        $('tools').hidden = false;
        show(state);
        // Jobs over a table change nothing that is shown here.
        const unfinished = state.jobs.find(job => !ended(job) && !job.request.table);
        if (unfinished && !watched) follow(unfinished);
        return true;
      } catch (error) {
        fail(error);
        return false;
      } finally {
        $('refresh').disabled = false;
        reading = null;
      }
    })();
    return reading;
  }

  function fail(error) {
    if (error.status === 401) {
      askForKey(sessionStorage.getItem(keySlot) ? 'The engine does not know this key.' : null);
      return;
    }
    $('tools').hidden = false;
    $('failure').textContent = state ? `${error.message} What is shown is of ${when(state.readAt)}.` : error.message;
    $('failure').hidden = false;
    if (!state) $('summary').textContent = 'There is nothing to show.';
    if (error.status === 403 && error.code === 'scope_missing') askForKey(error.message);
  }

  function askForKey(reason) {
    $('keyform').hidden = false;
    $('failure').textContent = reason ?? '';
    $('failure').hidden = !reason;
    if (!state) $('summary').textContent = 'It shows what it knows to those who have a key.';
    $('key').focus();
  }

  $('keyform').addEventListener('submit', event => {
    event.preventDefault();
    const key = $('key').value.trim();
    const strange = [...key].findIndex(sign => !/[!-~]/.test(sign));
    if (key === '' || strange >= 0) {
      askForKey(key === '' ? 'There is no key in the field.'
        : `This is no key: its character ${strange + 1} is ${/\s/.test([...key][strange]) ? 'a space' : `“${[...key][strange]}”`}, and keys have only letters, digits and signs of ASCII.`);
      return;
    }
    sessionStorage.setItem(keySlot, key);
    $('key').value = '';
    refresh();
  });
  $('refresh').addEventListener('click', refresh);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && state && Date.now() - state.readAt > staleAfter) refresh();
  });

  $('save').addEventListener('click', async () => {
    try {
      const url = URL.createObjectURL(await (await send('/report')).blob());
      h('a', { href: url, download: `auie-report-${new Date().toISOString().slice(0, 10)}.html` }).click();
      setTimeout(() => URL.revokeObjectURL(url), staleAfter);
    } catch (error) {
      fail(error);
    }
  });

  // ---- one person

  $('find').addEventListener('submit', async event => {
    event.preventDefault();
    const path = `/api/users/${encodeURIComponent($('user').value.trim())}`;
    $('show').disabled = true;
    $('userFailure').hidden = true;
    try {
      const [user, found] = await Promise.all([
        get(path).catch(error => { if (error.code === 'unknown_user') return null; throw error; }), get(`${path}/recommendations?record=false`)]);
      $('person').replaceChildren(personOf(user, found));
    } catch (error) {
      $('person').replaceChildren();
      $('userFailure').textContent = error.message;
      $('userFailure').hidden = false;
      if (error.status === 401) fail(error);
    } finally {
      $('show').disabled = false;
    }
  });

  // ---- recompute

  let watched = null;
  const ended = job => ['succeeded', 'failed', 'cancelled', 'kept'].includes(job.state);
  const pause = milliseconds => new Promise(done => setTimeout(done, milliseconds));

  $('features').addEventListener('change', () => hintFeatures(state.engine));

  $('recompute').addEventListener('submit', async event => {
    event.preventDefault();
    const [kMin, kMax] = [Number($('kmin').value), Number($('kmax').value)];
    if (kMin > kMax) {
      jobFailure(`The fewest groups, ${kMin}, are more than the most, ${kMax}.`);
      $('kmin').focus();
      return;
    }
    jobFailure('');
    $('start').disabled = true;
    try {
      const response = await send('/api/jobs', {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ features: $('features').value, kMin, kMax }),
      });
      follow(await response.json());
    } catch (error) {
      $('start').disabled = false;
      jobFailure(error.message);
      if (error.status === 401) fail(error);
    }
  });

  $('cancel').addEventListener('click', async () => {
    $('cancel').disabled = true;
    try {
      await send(`/api/jobs/${encodeURIComponent(watched)}`, { method: 'DELETE' });
    } catch (error) {
      $('cancel').disabled = false;
      jobFailure(error.message);
    }
  });

  function jobFailure(sentence) {
    $('jobFailure').textContent = sentence;
    $('jobFailure').hidden = sentence === '';
  }

  function progress(job) {
    const phase = job.state === 'queued' ? 'Waiting for the job before it' : capital(job.phase);
    if ($('phase').textContent !== phase) $('phase').textContent = phase;
    $('progress').value = job.progress;
    $('percent').textContent = `${Math.floor(100 * job.progress)} %`;
  }

  // Server-sent events, read by fetch so that a key can go with the request.
  async function* changes(id) {
    const response = await send(`/api/jobs/${encodeURIComponent(id)}/progress`, { headers: { Accept: 'text/event-stream' } });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (text + value).split(/\r?\n\r?\n/);
      text = events.pop();
      for (const event of events) {
        const data = event.split(/\r?\n/).filter(line => line.startsWith('data:')).map(line => line.slice(5)).join('\n');
        if (data) yield JSON.parse(data);
      }
    }
  }

  async function follow(job) {
    watched = job.id;
    $('start').disabled = true;
    $('cancel').disabled = false;
    $('running').hidden = false;
    $('ended').textContent = '';
    progress(job);
    while (!ended(job)) {
      try {
        for await (job of changes(watched)) progress(job);
        if (!ended(job)) {
          await pause(1_000);
          job = await get(`/api/jobs/${encodeURIComponent(watched)}`);
        }
      } catch (error) {
        if (error.status === 401 || error.status === 403 || error.status === 404) {
          jobFailure(error.message);
          break;
        }
        $('phase').textContent = 'The connection broke; the job goes on. Trying to reach the engine again';
        await pause(2_000);
      }
    }
    // What began to be read before the end may be of before it.
    await reading;
    watched = null;
    $('running').hidden = true;
    $('start').disabled = false;
    const groups = `${inWords(job.result?.k ?? 0)} groups`;
    const fresh = await refresh();
    $('ended').textContent = job.state === 'succeeded' ? fresh ? `Done: ${groups}. The page shows them now.` : `The job found ${groups}, but the page could not be read again and shows what was before. “Read again” tries once more.`
      : job.state === 'cancelled' ? 'Cancelled: nothing was changed.'
        : job.state === 'failed' ? `It failed: ${job.error}` : '';
  }

  function watchTheme() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts && draw());
  }

  watchTheme();
  if (needsKey && !sessionStorage.getItem(keySlot)) askForKey(null);
  else refresh();
})();
