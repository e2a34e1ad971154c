import { StrictMode, useState } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { useReconnecting } from "qwebsocket/react";

import { play, root, server } from "./scenes.mjs";

let socket;

function Room({ name }) {
  const [last, setLast] = useState("nothing");
  const shown = useReconnecting(`${server}${name}`, {
    onMessage: (message) => setLast(`${message} in ${name}`),
  });
  socket = shown.socket;
  return (
    <p>
      {name}: {shown.state}, {last}
    </p>
  );
}

function App({ name }) {
  return (
    <StrictMode>
      <Room name={name} />
    </StrictMode>
  );
}

if (globalThis.document) {
  const page = hydrateRoot(root(), <App name="one" />);
  await play({
    show: (name) => page.render(<App name={name} />),
    unmount: () => page.unmount(),
    socket: () => socket,
  });
} else {
  console.log(renderToString(<App name="one" />));
}
