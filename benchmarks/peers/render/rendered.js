// An SVG, rendered by resvg, as a PNG of its own or a JPEG by sharp.

import { Resvg } from "@resvg/resvg-js";
import sharp from "sharp";

export function rendered(svg, font, jpeg) {
  const image = new Resvg(svg, { font: { loadSystemFonts: false, ...font } }).render();
  if (!jpeg) return image.asPng();
  const raw = { width: image.width, height: image.height, channels: 4 };
  return sharp(image.pixels, { raw })
    .removeAlpha()
    .jpeg({ quality: jpeg.quality, chromaSubsampling: "4:4:4" })
    .toBuffer();
}
