// Interactive figures (specbook_interactive): plotly draws the plot in the place of its picture.
// Sliders and menus of the plot become controls of the page, which fingers and keyboards can use.
// If anything goes wrong, the picture stays.

const NARROW = 520;   // pixels; below this width words are smaller and titles of axes broken

function element(kind, properties = {}, ...children) {
  const made = Object.assign(document.createElement(kind), properties);
  made.append(...children);
  return made;
}

// Words of plotly with <sub>, <sup>, <i> and <b> as nodes of the page.
function words(text) {
  const box = element('span');
  const parsed = new DOMParser().parseFromString(text, 'text/html').body;
  const copy = (from, to) => {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        to.append(node.data);
      } else if (/^(SUB|SUP|I|B)$/.test(node.tagName)) {
        copy(node, to.appendChild(element(node.tagName)));
      } else {
        to.append(' ');
      }
    }
  };
  copy(parsed, box);
  return box;
}

// A title in lines of about as many letters as a phone has room for.
function broken(text, letters = 32) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.replace(/<[^>]*>/g, '').length > letters && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.join('<br>');
}

// What the page changes in a layout: its width, its type, and what would catch a swiping finger.
function fitted(plot, layout) {
  const narrow = plot.clientWidth < NARROW;
  const above = {orientation: 'h', x: 0, xanchor: 'left', y: 1.02, yanchor: 'bottom'};
  const axes = {};
  for (const axis of ['xaxis', 'yaxis']) {
    const title = layout[axis]?.title ?? {}, text = title.text ?? '';
    axes[axis] = {...layout[axis], title: {...title, text: narrow ? broken(text) : text}};
  }
  return {
    ...layout, ...axes,
    width: plot.clientWidth, height: narrow ? 380 : 440,   // the plot's own leaves room for plotly's controls
    margin: {l: 50, r: 12, t: 12, b: 45},
    font: {family: getComputedStyle(plot).fontFamily, size: narrow ? 12 : 14, color: '#222'},
    paper_bgcolor: '#fff', plot_bgcolor: '#fff',
    legend: narrow ? above : layout.legend ?? above,
    dragmode: matchMedia('(hover: none)').matches ? false : layout.dragmode ?? 'zoom',
  };
}

// A function that carries out steps one after another; of steps that wait, the last of each control.
function queue(plot) {
  const waiting = new Map();
  let busy = false;
  return async (control, {method, args}) => {
    waiting.set(control, {method, args});
    if (busy) return;
    busy = true;
    while (waiting.size) {
      const [next, step] = waiting.entries().next().value;
      waiting.delete(next);
      try {
        await window.Plotly[step.method](plot, ...structuredClone(step.args));
      } catch (error) {
        if (error) console.error(error);   // a step that another overtook has none
      }
    }
    busy = false;
  };
}

function slider(id, spec, run) {
  const {steps, active = 0, currentvalue = {}} = spec;
  const input = element('input', {type: 'range', id, min: 0, max: steps.length - 1, step: 1});
  const shown = element('output');
  shown.setAttribute('for', id);
  const say = () => {
    const label = words(`${steps[input.value].label}${currentvalue.suffix ?? ''}`);
    shown.replaceChildren(label);
    input.setAttribute('aria-valuetext', label.textContent);
  };
  input.value = active;
  input.addEventListener('input', () => { say(); run(input, steps[input.value]); });
  say();
  const label = element('label', {htmlFor: id}, words(spec.name));
  return element('div', {className: 'interactive-slider'}, label, shown, input);
}

function menu(id, spec, run) {
  const {buttons, active = 0} = spec;
  const select = element('select', {id});
  buttons.forEach((button, i) => select.add(new Option(words(button.label).textContent, i)));
  select.value = active;
  select.addEventListener('change', () => run(select, buttons[select.value]));
  const label = element('label', {htmlFor: id}, words(spec.name));
  return element('div', {className: 'interactive-menu'}, label, select);
}

async function show(source) {
  const name = source.dataset.figure;
  const image = document.getElementById(name)?.querySelector('img');
  if (!image || !window.Plotly) return;
  const {data, layout: {sliders = [], updatemenus = [], ...layout}, frames = []} =
    JSON.parse(source.textContent);
  const plot = element('div', {className: 'interactive-plot'});
  plot.setAttribute('role', 'img');
  plot.setAttribute('aria-label', image.alt);
  const picture = image.closest('a') ?? image;
  picture.before(plot);
  try {
    const config = {displayModeBar: false, showTips: false};
    await window.Plotly.newPlot(plot, {data, layout: fitted(plot, layout), frames, config});
  } catch (error) {
    plot.remove();
    console.error(error);
    return;
  }
  const run = queue(plot);
  const controls = [
    ...updatemenus.map((spec, i) => menu(`${name}-menu-${i}`, spec, run)),
    ...sliders.map((spec, i) => slider(`${name}-slider-${i}`, spec, run)),
  ];
  picture.replaceWith(element('div', {className: 'interactive-controls'}, ...controls));

  let width = plot.clientWidth;
  new ResizeObserver(() => {
    if (!plot.clientWidth || plot.clientWidth === width) return;
    width = plot.clientWidth;
    const {height, font, legend, xaxis, yaxis} = fitted(plot, layout);
    const titles = {'xaxis.title.text': xaxis.title.text, 'yaxis.title.text': yaxis.title.text};
    run(plot, {method: 'relayout', args: [{width, height, font, legend, ...titles}]});
  }).observe(plot);
}

document.querySelectorAll('script.interactive-data').forEach(show);
