// A process that draws. Its first line of input, in JSON, tells what all pictures have in common;
// each further line asks for a picture and is answered with the length of its file (four bytes,
// the highest first) and the file.

import { createInterface } from "node:readline";

export async function serve(prepare) {
  let draw;
  for await (const line of createInterface({ input: process.stdin })) {
    const told = JSON.parse(line);
    if (draw === undefined) {
      draw = await prepare(told);
      continue;
    }
    const file = await draw(told);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(file.length);
    process.stdout.write(length);
    process.stdout.write(file);
  }
}
