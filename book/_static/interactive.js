// Interactive figures (specbook_interactive): a picture with the controls of its plot below it, which
// fingers and keyboards can use. Plotly is large: it is loaded when a reader points at the picture or
// reaches a control, and then draws the plot in the picture's place. If that fails, the picture stays.

const NARROW = 520;   // pixels; below this width words are smaller and titles of axes broken
const BLACK = /^(black|k|#000|#000000)$/i;   // ink of a trace: the page's own, in light and dark
const PLOTLY = new URL('plotly/plotly-basic.min.js', document.currentScript.src).href;

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

// A title in lines of about so many letters.
function broken(text, letters) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.replace(/<[^>]*>/g, '').length > letters && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.join('<br>');
}

// Plotly, once it is asked for.
let asked;
function plotly() {
  asked ??= new Promise((loaded, failed) => {
    const script = element('script', {src: PLOTLY, onerror: failed});
    script.onload = () => loaded(window.Plotly);
    document.head.append(script);
  });
  return asked;
}

// What the page changes in a layout: its size, type and colours, and what would catch a swiping finger.
function fitted(plot, layout) {
  const narrow = plot.clientWidth < NARROW, {color, fontFamily} = getComputedStyle(plot);
  const above = {orientation: 'h', x: 0, xanchor: 'left', y: 1.02, yanchor: 'bottom'};
  const letters = {xaxis: 32, yaxis: Math.max(10, Math.floor((plot.clientHeight - 90) / 6))};
  const free = narrow && !layout.images;   // pictures stand where the names would go
  const axes = {}, lines = {color, linecolor: color, tickcolor: color, gridcolor: 'rgba(128, 128, 128, 0.25)'};
  for (const axis of ['xaxis', 'yaxis']) {
    const title = layout[axis]?.title ?? {}, text = title.text ?? '';
    axes[axis] = {...layout[axis], ...lines, title: {...title, text: narrow ? broken(text, letters[axis]) : text}};
  }
  return {
    ...layout, ...axes,
    width: plot.clientWidth, height: plot.clientHeight,
    margin: {l: 50, r: 12, t: free ? 4 : 12, b: 45},
    font: {family: fontFamily, size: narrow ? 12 : 14, color},
    paper_bgcolor: 'rgba(0, 0, 0, 0)', plot_bgcolor: 'rgba(0, 0, 0, 0)',
    legend: free ? {...above, font: {size: 10}} : layout.legend ?? above,
    dragmode: matchMedia('(hover: none)').matches ? false : layout.dragmode ?? 'zoom',
  };
}

// What is black in the traces takes the colour of the text.
function inked(plot, data) {
  const {color} = getComputedStyle(plot);
  return data.map(trace => {
    const drawn = {...trace};
    for (const part of ['line', 'marker']) {
      if (BLACK.test(trace[part]?.color)) drawn[part] = {...trace[part], color};
    }
    return drawn;
  });
}

// A function that carries out steps one after another; of steps that wait, the last of each control.
function queue(drawn) {
  const waiting = new Map();
  let busy = false;
  return async (control, {method, args}) => {
    waiting.set(control, {method, args});
    if (busy) return;
    busy = true;
    const plot = await drawn();
    while (plot && waiting.size) {
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

// The plot in the stage of its picture, which keeps its place unseen, so that nothing moves.
async function draw(stage, image, {data, layout, frames}) {
  const plot = element('div', {className: 'interactive-plot'});
  plot.setAttribute('role', 'img');
  plot.setAttribute('aria-label', image.alt);
  try {
    const {newPlot} = await plotly();
    stage.append(plot);
    const config = {displayModeBar: false, showTips: false};
    await newPlot(plot, {data: inked(plot, data), layout: fitted(plot, layout), frames, config});
  } catch (error) {
    console.error(error);
    plot.remove();
    return null;
  }
  stage.classList.add('drawn');
  return plot;
}

function show(source) {
  const name = source.dataset.figure;
  const image = document.getElementById(name)?.querySelector('img');
  if (!image) return;
  const {data, layout: {sliders = [], updatemenus = [], ...layout}, frames = []} =
    JSON.parse(source.textContent);
  const stage = element('div', {className: 'interactive-stage'});
  const controls = element('div', {className: 'interactive-controls'});
  let plot;
  const drawn = () => plot ??= draw(stage, image, {data, layout, frames}).then(made => {
    if (made) follow(made);
    else controls.remove();
    return made;
  });
  const run = queue(drawn);
  controls.append(
    ...updatemenus.map((spec, i) => menu(`${name}-menu-${i}`, spec, run)),
    ...sliders.map((spec, i) => slider(`${name}-slider-${i}`, spec, run)),
  );
  const picture = image.closest('a') ?? image;
  picture.replaceWith(stage, controls);
  stage.append(picture);
  stage.addEventListener('pointerenter', drawn, {once: true});
  for (const event of ['pointerenter', 'focusin']) {
    controls.addEventListener(event, drawn, {once: true});
  }

  // A plot that is drawn follows the width of the page, and its light.
  function follow(made) {
    let width = made.clientWidth;
    new ResizeObserver(() => {
      if (!made.clientWidth || made.clientWidth === width) return;
      width = made.clientWidth;
      const {height, font, legend, xaxis, yaxis} = fitted(made, layout);
      const titles = {'xaxis.title.text': xaxis.title.text, 'yaxis.title.text': yaxis.title.text};
      run('size', {method: 'relayout', args: [{width, height, font, legend, ...titles}]});
    }).observe(made);
    new MutationObserver(() => {
      const {font} = fitted(made, layout), colours = {'font.color': font.color};
      for (const axis of ['xaxis', 'yaxis']) {
        for (const part of ['color', 'linecolor', 'tickcolor']) colours[`${axis}.${part}`] = font.color;
      }
      run('light', {method: 'relayout', args: [colours]});
      inked(made, data).forEach((trace, i) => {
        for (const part of ['line', 'marker']) {
          if (!BLACK.test(data[i][part]?.color)) continue;
          run(`${part} ${i}`, {method: 'restyle', args: [{[`${part}.color`]: trace[part].color}, [i]]});
        }
      });
    }).observe(document.documentElement, {attributeFilter: ['data-theme']});
  }
}

document.querySelectorAll('script.interactive-data').forEach(show);
