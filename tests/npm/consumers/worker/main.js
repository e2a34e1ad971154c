const worker = new Worker("worker.js", { type: "module" });
worker.onmessage = ({ data }) => (document.title = data);
worker.postMessage(new URLSearchParams(location.search).get("server"));
