// The frames of a countdown, each drawn whole on a canvas.

import { createCanvas, GlobalFonts } from "@napi-rs/canvas";

const SECONDS = { days: 86400, hours: 3600, minutes: 60, seconds: 1 };

export function registered(fonts) {
  for (const [name, { path }] of Object.entries(fonts)) GlobalFonts.registerFromPath(path, name);
}

// `names` maps a unit to its names, of one and of more. The canvas's context is one and the same
// for all frames: take its pixels before the next.
export function* frames({ face, units, frames }, names, seconds) {
  const context = createCanvas(face.width, face.height).getContext("2d");
  context.textAlign = "center";
  context.fontVariantNumeric = "tabular-nums";
  for (let frame = 0; frame < frames; frame++) {
    context.fillStyle = face.background;
    context.fillRect(0, 0, face.width, face.height);
    let left = seconds - frame;
    for (const unit of units) {
      const value = Math.floor(left / SECONDS[unit.unit]);
      left -= value * SECONDS[unit.unit];
      context.fillStyle = unit.tile;
      context.beginPath();
      context.roundRect(unit.x, unit.y, unit.width, unit.height, unit.radius);
      context.fill();
      write(context, unit, String(value).padStart(2, "0"));
      write(context, unit.label, names[unit.unit][value === 1 ? 0 : 1]);
    }
    yield context;
  }
}

function write(context, { x, y, width, height, font, size, colour }, text) {
  context.font = `${size}px ${font}`;
  context.fillStyle = colour;
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = context.measureText(text);
  context.fillText(text, x + width / 2, y + (height + above - below) / 2);
}
