// The hooks.

import type { QWebSocketError, Received, State } from "qwebsocket";
import { useReconnecting, type Connection } from "qwebsocket/react";
import type { ReconnectingWebSocket } from "qwebsocket/reconnecting";
import { useReconnecting as useInVue } from "qwebsocket/vue";
import { ref, type ComputedRef } from "vue";

import { exactly } from "./exactly.js";

const shown = useReconnecting(
  { url: "wss://example.com/", subprotocols: ["chat"] },
  { onMessage: (message) => exactly<Received>()(message), queue: 0, decide: () => "giveUp" },
);
exactly<Connection>()(shown);
exactly<ReconnectingWebSocket>()(shown.socket);
exactly<State>()(shown.state);
exactly<QWebSocketError | undefined>()(shown.error);
exactly<boolean>()(shown.isGivenUp);
useReconnecting(async (attempt) => `wss://example.com/?attempt=${attempt}`);
// @ts-expect-error: it decides that itself
useReconnecting("wss://example.com/", { paused: true });
// @ts-expect-error: read-only
shown.state = "closing";

exactly<ComputedRef<State>>()(useInVue(ref("wss://example.com/")).state);
useInVue(new URL("wss://example.com/"), { onMessage: (message) => message.slice(0) });
// @ts-expect-error: no URL
useInVue(ref(1));
