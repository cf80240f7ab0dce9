// The card, drawn on a canvas.

import { createCanvas, GlobalFonts, loadImage } from "@napi-rs/canvas";

import { serve } from "./serve.js";

serve(async ({ canvas, fonts, photo, jpeg }) => {
  for (const [name, { path }] of Object.entries(fonts)) GlobalFonts.registerFromPath(path, name);
  const image = await loadImage(photo);
  return ({ texts }) => {
    const drawn = card(canvas, image, texts);
    return jpeg ? drawn.encode("jpeg", jpeg.quality) : drawn.encode("png");
  };
});

function card({ width, height, background, layers }, image, texts) {
  const drawn = createCanvas(width, height);
  const context = drawn.getContext("2d");
  const gradient = context.createLinearGradient(0, 0, 0, height);
  gradient.addColorStop(0, background.start);
  gradient.addColorStop(1, background.end);
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
  layers.forEach((layer, number) => {
    const { x, y, width, height } = layer;
    if (layer.kind === "picture") context.drawImage(image, x, y, width, height);
    else write(context, layer, texts[number]);
  });
  return drawn;
}

function write(context, { x, y, width, font, size, line_height, colour }, text) {
  context.font = `${size}px ${font}`;
  context.fillStyle = colour;
  const { fontBoundingBoxAscent: ascent } = context.measureText(text);
  wrapped(context, text, width).forEach((line, number) => {
    context.fillText(line, x, y + ascent + number * Math.round(size * line_height));
  });
}

function wrapped(context, text, width) {
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length && context.measureText(longer).width <= width) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines;
}
