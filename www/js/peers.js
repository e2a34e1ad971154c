// The browser's socket and ours, as far as measuring needs them: made by a URL, they send, and
// call `onmessage`, with as little in between as each of them allows. `lost` rejects when the
// connection is gone.

const LOST = new Error("the connection is gone");

export class RawPeer {
  onmessage = () => {};

  async open(url) {
    this.socket = new WebSocket(url);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = () => this.onmessage();
    this.lost = new Promise((_, reject) => (this.socket.onclose = () => reject(LOST)));
    await Promise.race([new Promise((resolve) => (this.socket.onopen = resolve)), this.lost]);
  }

  send(data) {
    this.socket.send(data);
  }

  close() {
    this.socket?.close();
  }
}

export class OurPeer {
  onmessage = () => {};

  constructor(QWebSocket) {
    this.socket = new QWebSocket();
    this.socket.ontextMessageReceived = () => this.onmessage();
    this.socket.onbinaryMessageReceived = () => this.onmessage();
  }

  async open(url) {
    this.lost = new Promise((_, reject) => (this.socket.ondisconnected = () => reject(LOST)));
    await Promise.race([this.socket.open(url), this.lost]);
  }

  send(data) {
    if (typeof data === "string") {
      this.socket.sendTextMessage(data);
    } else {
      this.socket.sendBinaryMessage(data);
    }
  }

  close() {
    this.socket.close();
  }
}
