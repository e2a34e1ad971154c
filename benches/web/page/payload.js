// What is sent. The server makes its own, of the same kinds.

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const PHRASE = "Привет, мир! 你好，世界。 こんにちは 👋🌍 ";

/** A string, or a `Uint8Array`, of `size` bytes. */
export function payload(kind, size) {
  switch (kind) {
    case "ascii":
      return LETTERS.repeat(Math.ceil(size / LETTERS.length)).slice(0, size);
    case "multibyte":
      return multibyte(size);
    case "binary":
      return Uint8Array.from({ length: size }, (_, index) => index * 31);
  }
}

function multibyte(size) {
  const bytes = new Uint8Array(size);
  const text = PHRASE.repeat(Math.ceil(size / PHRASE.length));
  const { read, written } = new TextEncoder().encodeInto(text, bytes);
  return text.slice(0, read) + ".".repeat(size - written);
}
