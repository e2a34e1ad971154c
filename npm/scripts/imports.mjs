// The imports of a WebAssembly module under shorter names: wasm-bindgen's end in a hash each, which no
// compression makes smaller.

/** What all are imported from then. */
export const MODULE = "m";

const HEADER = 8;
const IMPORTS = 2;
const FUNCTION = 0;

/** The module with short names, and what these stand for: `[short, module, name]`. */
export function withShortImports(wasm) {
  const reader = new Reader(wasm, HEADER);
  const parts = [wasm.subarray(0, HEADER)];
  let names = [];
  while (!reader.isAtEnd) {
    const start = reader.at;
    const id = reader.byte();
    const content = reader.bytes(reader.number());
    if (id == IMPORTS) {
      const { section, named } = shortened(content);
      names = named;
      parts.push(Buffer.of(id), number(section.length), section);
    } else {
      parts.push(wasm.subarray(start, reader.at));
    }
  }
  return { wasm: Buffer.concat(parts), names };
}

/** The section of the imports (WebAssembly §5.5.5). */
function shortened(content) {
  const reader = new Reader(content, 0);
  const count = reader.number();
  const parts = [number(count)];
  const named = [];
  while (!reader.isAtEnd) {
    const [module, name] = [reader.text(), reader.text()];
    if (reader.byte() != FUNCTION) {
      throw new Error(`${module} ${name} is no function`);
    }
    const short = named.length.toString(36);
    named.push([short, module, name]);
    parts.push(text(MODULE), text(short), Buffer.of(FUNCTION), number(reader.number()));
  }
  return { section: Buffer.concat(parts), named };
}

class Reader {
  #bytes;

  constructor(bytes, at) {
    this.#bytes = bytes;
    this.at = at;
  }
  get isAtEnd() {
    return this.at >= this.#bytes.length;
  }
  byte() {
    return this.#bytes[this.at++];
  }
  bytes(length) {
    return this.#bytes.subarray(this.at, (this.at += length));
  }
  text() {
    return this.bytes(this.number()).toString();
  }
  /** LEB128 (WebAssembly §5.2.2). */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        return value;
      }
    }
  }
}

function number(value) {
  const bytes = [];
  while (value > 0x7f) {
    bytes.push((value & 0x7f) | 0x80);
    value >>>= 7;
  }
  return Buffer.from([...bytes, value]);
}

function text(value) {
  return Buffer.concat([number(value.length), Buffer.from(value)]);
}
