// Lays a link chart out beside the page, so that the page stays quick: d3-force in a worker. Positions go back as one array x0 y0 x1 y1 …
"use strict";
(() => {
  importScripts("vendor/d3-dispatch.min.js", "vendor/d3-quadtree.min.js", "vendor/d3-timer.min.js", "vendor/d3-force.min.js");
  const SETTLED = 0.02, BREATH = 24, APART = 42;  // a breath: milliseconds of work between two messages
  let simulation = null, nodes = [], waiting = false;

  function start({ count, links, sizes }) {
    nodes = Array.from({ length: count }, (_, index) => ({ index, r: sizes[index] }));
    const pairs = [];
    for (let at = 0; at < links.length; at += 2) pairs.push({ source: links[at], target: links[at + 1] });
    simulation = d3.forceSimulation(nodes).stop()
      .force("link", d3.forceLink(pairs).distance(APART).iterations(1))
      .force("charge", d3.forceManyBody().strength(-60).theta(1.1).distanceMax(900))
      .force("apart", count > 2000 ? null : d3.forceCollide((node) => node.r + 3))
      .force("x", d3.forceX().strength(0.03)).force("y", d3.forceY().strength(0.03));
    go();
  }
  function go() { if (!waiting) { waiting = true; setTimeout(work, 0); } }
  function work() {
    waiting = false;
    const until = performance.now() + BREATH;
    do simulation.tick(); while (performance.now() < until && simulation.alpha() > SETTLED);
    const places = new Float32Array(nodes.length * 2);
    nodes.forEach((node, at) => { places[2 * at] = node.x; places[2 * at + 1] = node.y; });
    const rests = simulation.alpha() <= SETTLED;
    postMessage({ places, rests }, [places.buffer]);
    if (!rests) go();
  }
  onmessage = ({ data }) => {
    if (data.start) return start(data.start);
    const node = nodes[data.node];
    if (data.free) { node.fx = node.fy = null; } else { node.fx = data.x; node.fy = data.y; }
    simulation.alpha(Math.max(simulation.alpha(), nodes.length > 2000 ? 0.06 : 0.15)); // a large chart only gives way around the hand
    go();
  };
})();
