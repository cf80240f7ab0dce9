// A countdown: frames drawn on a canvas, encoded by gif-encoder-2 as it is.

import GIFEncoder from "gif-encoder-2";

import { frames, registered } from "./clock.js";
import { serve } from "./serve.js";

serve(({ countdown, fonts, names }) => {
  registered(fonts);
  const { width, height } = countdown.face;
  return ({ seconds }) => {
    const encoder = new GIFEncoder(width, height);
    encoder.setDelay(1000);
    encoder.setRepeat(-1); // once
    encoder.start();
    for (const context of frames(countdown, names, seconds)) encoder.addFrame(context);
    encoder.finish();
    return encoder.out.getData();
  };
});
