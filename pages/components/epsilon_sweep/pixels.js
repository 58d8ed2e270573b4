// Arithmetic on pixels that gives the bytes that Python gives. No DOM in here: tests run it on its own.

const ONE = new Float32Array(1);
const ONES_BITS = new Int32Array(ONE.buffer);

/** The float32 beside a positive float32: `step` 1 is the next one away from zero, -1 the next one towards it. */
function neighbour(value, step) {
  ONE[0] = value;
  ONES_BITS[0] += step;
  return ONE[0];
}

/** The nearest whole number, halves to even, as torch's `round`. */
function roundHalfToEven(value) {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 ? below + 1 : below;
}

/** A float32 in [0, 1] as a byte: `einstyle_core.images.to_uint8`. */
function toByte(value) {
  return roundHalfToEven(Math.fround(value * 255));
}

/**
 * What a step of epsilon makes of each of the 256 tones: `einstyle_core.attacks.move`, to the last bit.
 *
 * Epsilon is rounded down to a float32, and so is each way up and down, so that no pixel is further than epsilon from
 * where it was. Sums of two float32 are exact in the double that JavaScript computes in.
 *
 * @returns {{down: Uint8Array, up: Uint8Array, fall: Float32Array, rise: Float32Array}} the bytes for sign -1 and 1,
 *   and how far each tone has moved, in [0, 1] units.
 */
function movedTones(epsilon) {
  let size = Math.fround(epsilon);
  if (size > epsilon) size = neighbour(size, -1);
  const table = { down: new Uint8Array(256), up: new Uint8Array(256), fall: new Float32Array(256), rise: new Float32Array(256) };
  for (let tone = 0; tone < 256; tone += 1) {
    const value = Math.fround(tone / 255);
    let low = Math.max(0, Math.fround(value - size));
    if (low < value - size) low = neighbour(low, 1);
    let high = Math.fround(value + size);
    if (high > value + size) high = neighbour(high, -1);
    high = Math.min(1, high);
    table.down[tone] = toByte(low);
    table.up[tone] = toByte(high);
    table.fall[tone] = low - value;
    table.rise[tone] = high - value;
  }
  return table;
}

/** Bytes, signed bytes or float32 out of base64. */
function unpack(base64, Type) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new Type(bytes.buffer);
}
