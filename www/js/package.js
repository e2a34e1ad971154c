// Where the package lies, and what of it is measured.

const PLACE = "../package/";

/** The package, ready, and how many milliseconds that took. */
export async function load() {
  const start = performance.now();
  const loaded = await import(`${PLACE}reconnecting.js`);
  // What the first socket would do.
  loaded.init();
  return { ...loaded, took: performance.now() - start };
}

/** How many bytes its files are, compressed as a web server would. */
export async function compressedSize() {
  const place = new URL(PLACE, import.meta.url).href;
  const files = performance
    .getEntriesByType("resource")
    .map(({ name }) => name)
    .filter((name) => name.startsWith(place));
  const sizes = await Promise.all([...new Set(files)].map(gzipped));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function gzipped(file) {
  const { body } = await fetch(file);
  const packed = await new Response(body.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  return packed.byteLength;
}
