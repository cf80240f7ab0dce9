// The card as boxes with styles, laid out by satori, which makes letters outlines, and rendered by
// resvg: what services for preview pictures use.

import { readFileSync } from "node:fs";
import satori from "satori";

import { rendered } from "./rendered.js";
import { serve } from "./serve.js";

serve(({ canvas, fonts, photo, jpeg }) => {
  const { width, height } = canvas;
  const loaded = Object.entries(fonts).map(([name, { path, weight }]) => {
    return { name, weight, style: "normal", data: readFileSync(path) };
  });
  return async ({ texts }) => {
    const svg = await satori(card(canvas, photo, texts), { width, height, fonts: loaded });
    return rendered(svg, {}, jpeg);
  };
});

function card({ width, height, background: { start, end }, layers }, photo, texts) {
  const style = {
    display: "flex",
    width,
    height,
    backgroundImage: `linear-gradient(to bottom, ${start}, ${end})`,
  };
  const children = layers.map((layer, number) =>
    layer.kind === "picture" ? picture(layer, photo) : text(layer, texts[number]),
  );
  return { type: "div", props: { style, children } };
}

function box({ x, y, width, height }) {
  return { position: "absolute", left: x, top: y, width, height };
}

function picture(layer, photo) {
  const { width, height } = layer;
  return { type: "img", props: { src: photo, width, height, style: box(layer) } };
}

function text(layer, children) {
  const style = {
    ...box(layer),
    fontFamily: layer.font,
    fontSize: layer.size,
    lineHeight: Math.round(layer.size * layer.line_height) / layer.size,
    color: layer.colour,
  };
  return { type: "div", props: { style, children } };
}
