// A countdown: frames drawn on a canvas, encoded by gifenc with the colours of the first for all.

import gifenc from "gifenc";

import { frames, registered } from "./clock.js";
import { serve } from "./serve.js";

serve(({ countdown, fonts, names }) => {
  registered(fonts);
  const { width, height } = countdown.face;
  return ({ seconds }) => {
    const encoder = gifenc.GIFEncoder();
    let palette;
    for (const context of frames(countdown, names, seconds)) {
      const { data } = context.getImageData(0, 0, width, height);
      const first = palette === undefined;
      if (first) palette = gifenc.quantize(data, 256);
      const options = { delay: 1000, repeat: -1, ...(first && { palette }) };
      encoder.writeFrame(gifenc.applyPalette(data, palette), width, height, options);
    }
    encoder.finish();
    return encoder.bytes();
  };
});
