// The card as an SVG with its texts in it, rendered by resvg. SVG breaks no lines: they come broken.

import { rendered } from "./rendered.js";
import { serve } from "./serve.js";

serve(({ canvas, fonts, photo, jpeg }) => {
  const font = { fontFiles: Object.values(fonts).map(({ path }) => path) };
  return ({ lines }) => rendered(card(canvas, fonts, photo, lines), font, jpeg);
});

function card({ width, height, background, layers }, fonts, photo, lines) {
  const parts = layers.map((layer, number) =>
    layer.kind === "picture" ? picture(layer, photo) : text(layer, fonts, lines[number]),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<linearGradient id="background" x2="0" y2="1">
<stop stop-color="${background.start}"/>
<stop offset="1" stop-color="${background.end}"/>
</linearGradient>
<rect width="100%" height="100%" fill="url(#background)"/>
${parts.join("\n")}
</svg>`;
}

function picture({ x, y, width, height }, photo) {
  return `<image x="${x}" y="${y}" width="${width}" height="${height}" href="${photo}"/>`;
}

function text({ font, size, colour }, fonts, lines) {
  const { family, weight } = fonts[font];
  const set = lines.map(({ x, y, text }) => `<tspan x="${x}" y="${y}">${escaped(text)}</tspan>`);
  return (
    `<text font-family="${family}" font-weight="${weight}" font-size="${size}" fill="${colour}">` +
    `${set.join("")}</text>`
  );
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}
