// Measurements of one peer against a server that sends everything back.

/** So many messages are on their way at any time. */
const WINDOW = 32;

/** Messages a second that come back, while for so many milliseconds each one is replaced. */
export function throughput(peer, payload, duration) {
  return new Promise((resolve) => {
    const start = performance.now();
    let [flying, back] = [WINDOW, 0];
    peer.onmessage = () => {
      back += 1;
      const took = performance.now() - start;
      if (took < duration) {
        peer.send(payload);
      } else if (--flying === 0) {
        resolve((back / took) * 1000);
      }
    };
    for (let sent = 0; sent < WINDOW; sent += 1) {
      peer.send(payload);
    }
  });
}

/** The milliseconds of each of so many round trips. */
export function roundTrips(peer, payload, number) {
  return new Promise((resolve) => {
    const trips = [];
    let start;
    const next = () => {
      start = performance.now();
      peer.send(payload);
    };
    peer.onmessage = () => {
      trips.push(performance.now() - start);
      if (trips.length < number) {
        next();
      } else {
        resolve(trips);
      }
    };
    next();
  });
}

/** A payload of so many bytes. */
export function payloadOf(kind, length) {
  switch (kind) {
    case "binary":
      return new Uint8Array(length).fill(0x61);
    case "multibyte":
      // A letter of two bytes, over and over.
      return "ß".repeat(length / 2);
    default:
      return "a".repeat(length);
  }
}
